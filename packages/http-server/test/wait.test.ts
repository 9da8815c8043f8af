import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TestApi } from "./test-api.ts";

const id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

describe("GET /task/{id}?wait=", () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start();
  });
  beforeEach(() => {
    api.dispatcher.waited.length = 0;
    api.dispatcher.onWait = () => undefined;
    api.dispatcher.add();
  });
  afterAll(() => api.service.stop());

  function waiting(): Promise<AbortSignal> {
    return new Promise((resolve) => {
      api.dispatcher.onWait = () => resolve(api.dispatcher.waited.at(-1)?.signal as AbortSignal);
    });
  }

  it("[HTTP-5] asks at once without it, and with 0", async () => {
    await api.call("GET", `/task/${id}`);
    await api.call("GET", `/task/${id}?wait=0`);
    expect(api.dispatcher.waited).toEqual([]);
  });

  it("[HTTP-5] ends when the client goes away", async () => {
    const client = new AbortController();
    const begun = waiting();
    const answer = api.call("GET", `/task/${id}?wait=60`, { signal: client.signal });
    const signal = await begun;
    expect(api.dispatcher.waited).toMatchObject([{ id, waitMs: 60_000 }]);
    expect(signal.aborted).toBe(false);
    const ended = new Promise((resolve) => signal.addEventListener("abort", resolve));
    client.abort();
    await expect(answer).rejects.toMatchObject({ name: "AbortError" });
    await ended;
  });

  it("[HTTP-5] is answered with the present state when the service stops, and keeps nothing listening", async () => {
    const own = await TestApi.start();
    own.dispatcher.add();
    const begun = new Promise<void>((resolve) => (own.dispatcher.onWait = resolve));
    const answer = own.call("GET", `/task/${id}?wait=60`);
    await begun;
    const stopped = own.service.stop();
    expect(await answer).toMatchObject({ status: 200, body: { id, state: "running" } });
    await stopped;
  });
});
