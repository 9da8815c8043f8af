import { ManualClock } from "@mayfly/service/testing";
import { expect, it } from "vitest";
import { type DockerHandle, DockerRuntime } from "../src/index.ts";
import { answer, type EngineDouble, type EngineRoutes, openEngineDouble } from "./engine-double.ts";
import { RecordedRun } from "./recorded-run.ts";

const handle: DockerHandle = { version: 1, name: "task-x-1", id: "c1" };

function runtimeOn(engine: EngineDouble, clock?: ManualClock): DockerRuntime {
  const spec = { images: { tools: { image: "tools:1", commands: { run: ["run"] } } } };
  return new DockerRuntime("double", spec, { address: { socketPath: engine.socketPath }, clock });
}

const ended: EngineRoutes = {
  "GET /containers/c1/json": (response) =>
    answer(response, 200, { State: { Status: "exited", ExitCode: 0, Error: "", FinishedAt: "2026-01-02T03:04:06Z" } }),
  "GET /containers/c1/logs": (response) => void response.writeHead(200).end(),
};

it("[DOCKER-5] notices an engine that breaks off after it has begun to answer, and asks again", async () => {
  let waits = 0;
  await using engine = await openEngineDouble({
    ...ended,
    "POST /containers/c1/wait": (response) => {
      waits++;
      if (waits > 1) return answer(response, 200, { StatusCode: 0 });
      response.writeHead(200).flushHeaders();
      setImmediate(() => response.destroy());
    },
  });
  const runtime = runtimeOn(engine);
  expect(await runtime.wait(handle, new RecordedRun())).toEqual({ status: "complete" });
  expect(waits).toBe(2);
  runtime.close();
});

it("[DOCKER-5] does not let a log that cannot be read hold up a result for more than a moment", async () => {
  await using engine = await openEngineDouble({
    ...ended,
    "POST /containers/c1/wait": (response) => answer(response, 200, { StatusCode: 0 }),
    "GET /containers/c1/logs": (response) => response.writeHead(200).flushHeaders(),
  });
  const runtime = runtimeOn(engine);
  const since = performance.now();
  expect(await runtime.wait(handle, new RecordedRun())).toEqual({ status: "complete" });
  expect(performance.now() - since).toBeLessThan(5_000);
  runtime.close();
});

it("[DOCKER-6] removes what another is just removing, and is content when it is gone", async () => {
  let removals = 0;
  await using engine = await openEngineDouble({
    "DELETE /containers/c1": (response) => {
      removals++;
      if (removals < 3) answer(response, 409, { message: "removal of container c1 is already in progress" });
      else answer(response, 404, { message: "No such container" });
    },
  });
  const runtime = runtimeOn(engine);
  await runtime.destroy(handle);
  expect(removals).toBe(3);
  runtime.close();
});

it("[DOCKER-5] stops work when the engine calls a container that ends just now an error of its own", async () => {
  await using engine = await openEngineDouble({
    ...ended,
    "POST /containers/c1/kill": (response) => answer(response, 500, { message: "no such process" }),
  });
  const runtime = runtimeOn(engine);
  await runtime.stop(handle, { graceMs: 3_600_000 });
  expect(engine.requests.filter((request) => request.includes("/kill"))).toHaveLength(1);
  runtime.close();
});

it("[DOCKER-10] tries again to end work that it could not end, although its owner asks no second time", async () => {
  let kills = 0;
  let status = "running";
  let end: () => void = () => undefined;
  const isOver = new Promise<void>((resolve) => (end = resolve));
  await using engine = await openEngineDouble({
    ...ended,
    "GET /containers/c1/json": (response) =>
      answer(response, 200, {
        State: { Status: status, ExitCode: 143, Error: "", FinishedAt: "2026-01-02T03:04:06Z" },
      }),
    "POST /containers/c1/wait": (response) => void isOver.then(() => answer(response, 200, { StatusCode: 143 })),
    "POST /containers/c1/kill": (response) => {
      kills++;
      if (kills < 3) return answer(response, 409, { message: "cannot kill container: c1" });
      status = "exited";
      end();
      response.writeHead(204).end();
    },
  });
  const clock = new ManualClock();
  const runtime = runtimeOn(engine, clock);
  const result = runtime.wait(handle, new RecordedRun({ deadline: clock.now() + 3_600_000 }));
  const stopping = runtime.stop(handle, { graceMs: 0 });
  await expect(stopping).rejects.toMatchObject({
    code: "runtime",
    message: expect.stringContaining("cannot kill") as string,
  });
  while (kills < 3) await clock.advance(1_000);
  expect(await result).toMatchObject({ status: "failed", exitCode: 143 });
  expect(kills).toBe(3);
  runtime.close();
});
