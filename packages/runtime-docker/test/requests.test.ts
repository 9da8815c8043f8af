import type { ServerResponse } from "node:http";
import util from "node:util";
import { expect, it, vi } from "vitest";
import { DockerRuntime } from "../src/index.ts";
import { openEngineDouble } from "./engine-double.ts";
import { RecordedRun } from "./recorded-run.ts";

const ids = ["c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"];

it("[DOCKER-13] does not look through all open connections with each request", async () => {
  let open = 0;
  const stayOpen = (response: ServerResponse): void => {
    open++;
    response.writeHead(200).flushHeaders();
  };
  await using engine = await openEngineDouble({
    ...Object.fromEntries(ids.map((id) => [`POST /containers/${id}/wait`, stayOpen])),
    ...Object.fromEntries(ids.map((id) => [`GET /containers/${id}/logs`, stayOpen])),
    "GET /_ping": (response) => response.writeHead(200).end("OK"),
  });
  const spec = { images: { tools: { image: "tools:1", commands: { run: ["run"] } } } };
  const runtime = new DockerRuntime("double", spec, { address: { socketPath: engine.socketPath } });
  for (const id of ids) void runtime.wait({ version: 1, name: `task-${id}`, id }, new RecordedRun());
  await vi.waitFor(() => expect(open).toBe(2 * ids.length), 20_000);

  const inspect = vi.spyOn(util, "inspect");
  expect(await runtime.health()).toEqual({ status: "healthy" });
  const printed = inspect.mock.results.map(({ value }) => (value as string).length);
  inspect.mockRestore();
  runtime.close();
  // When this is 0, dockerode no longer prints its requests, and its agent may be printed in full.
  expect(printed.length).toBeGreaterThan(0);
  expect(Math.max(...printed)).toBeLessThan(2_000);
});
