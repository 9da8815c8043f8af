import { ManualClock } from "@mayfly/service/testing";
import { describe, expect, it } from "vitest";
import { createHttpService } from "../src/index.ts";
import { Readiness } from "../src/readiness.ts";
import { FakeDispatcher } from "./fake-dispatcher.ts";
import { TestApi } from "./test-api.ts";

describe("GET /healthz and /readyz", () => {
  it("[HTTP-9] follow the store, the broker, and the drain", async () => {
    const state = { store: false, broker: true, draining: false };
    const checks = {
      store: async () => {
        if (!state.store) throw new Error("away");
        return true;
      },
      broker: () => state.broker,
    };
    await using api = await TestApi.start({ checks, isDraining: () => state.draining });
    const look = async (): Promise<unknown> => {
      expect(await api.call("GET", "/healthz")).toMatchObject({ status: 200, body: { status: "ok" } });
      const { status, body } = await api.call("GET", "/readyz");
      return [status, body];
    };
    const checked = (store: boolean, broker: boolean): object => ({
      store: store ? "ok" : "unavailable",
      broker: broker ? "ok" : "unavailable",
    });
    expect(await look()).toEqual([503, { status: "unavailable", checks: checked(false, true) }]);
    Object.assign(state, { store: true });
    expect(await look()).toEqual([200, { status: "ok", checks: checked(true, true) }]);
    Object.assign(state, { broker: false });
    expect(await look()).toEqual([200, { status: "degraded", checks: checked(true, false) }]);
    Object.assign(state, { store: false });
    expect(await look()).toEqual([503, { status: "unavailable", checks: checked(false, false) }]);
    Object.assign(state, { store: true, broker: true, draining: true });
    expect(await look()).toEqual([503, { status: "unavailable", checks: checked(true, true) }]);
  });

  it("[HTTP-9] say no while the broker has never been reached", async () => {
    await using api = await TestApi.start({ checks: { store: async () => true, broker: () => false } });
    expect(await api.call("GET", "/readyz")).toMatchObject({ status: 503, body: { status: "unavailable" } });
  });

  it("[HTTP-9] know of a broker that was reached while nobody asked", async () => {
    const checks = { store: async () => true, broker: () => false, brokerReached: () => true };
    await using api = await TestApi.start({ checks });
    expect(await api.call("GET", "/readyz")).toMatchObject({ status: 200, body: { status: "degraded" } });
  });

  it("[HTTP-9] tell for a while that the service drains, before it listens no more", async () => {
    const clock = new ManualClock();
    const checks = { store: async () => true, broker: () => true };
    const service = createHttpService({ dispatcher: new FakeDispatcher(), checks, clock, port: 0, lingerMs: 2_000 });
    await service.start();
    const url = `${service.address?.url}/readyz`;
    expect((await fetch(url)).status).toBe(200);
    const stopping = service.stop();
    await clock.advance(1_999);
    expect((await fetch(url)).status).toBe(503);
    await clock.advance(1);
    await stopping;
    await expect(fetch(url)).rejects.toThrow("fetch failed");
  });

  it("[HTTP-9] do not wait for what does not answer", async () => {
    const clock = new ManualClock();
    const never = new Promise<boolean>(() => undefined);
    const readiness = new Readiness({
      checks: { store: () => never, broker: () => true },
      isDraining: () => false,
      clock,
    });
    const quick = new Readiness({
      checks: { store: async () => true, broker: () => true },
      isDraining: () => false,
      clock,
    });
    expect(await quick.look()).toMatchObject({ status: "ok" });
    expect(clock.pendingTimers).toBe(0);
    const looking = readiness.look();
    await clock.advance(2_000);
    expect(await looking).toMatchObject({ status: "unavailable", checks: { store: "unavailable" } });
    expect(clock.pendingTimers).toBe(0);
  });
});
