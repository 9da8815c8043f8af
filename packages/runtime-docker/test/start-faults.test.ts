import { type StopCode, StopReason } from "@mayfly/runtime";
import { aTask } from "@mayfly/task/testing";
import { expect, it } from "vitest";
import { DockerRuntime } from "../src/index.ts";
import { answer, type EngineDouble, openEngineDouble } from "./engine-double.ts";
import { RecordedRun } from "./recorded-run.ts";

const noImage = { message: "No such image: registry:5000/tools@sha256:0" };
const digest = `sha256:${"a".repeat(64)}`;

function runtimeOn(engine: EngineDouble, options: { readonly startTimeoutMs?: number } = {}): DockerRuntime {
  const spec = {
    images: {
      tools: { image: `registry:5000/tools:1@${digest}`, commands: { run: ["run"] }, pull: "missing" as const },
    },
  };
  return new DockerRuntime("double", spec, { address: { socketPath: engine.socketPath }, ...options });
}

const task = aTask({ attributes: {} });
const name = `task-${task.id}-1`;

function containerOf(status: string): object {
  const Labels = { "mayfly.deployment": "mayfly", "mayfly.task": task.id, "mayfly.run": "1" };
  return { Id: "c1", Config: { Labels }, State: { Status: status } };
}

it("[DOCKER-6] pulls a missing image by its digest, once for all that wait for it, and then starts", async () => {
  let isPulled = false;
  await using engine = await openEngineDouble({
    "POST /containers/create": (response) =>
      isPulled ? answer(response, 201, { Id: "c1" }) : answer(response, 404, noImage),
    "POST /images/create": (response) => {
      isPulled = true;
      answer(response, 200, { status: "Pulling" }, { status: "Downloaded" });
    },
    "POST /containers/c1/start": (response) => void response.writeHead(204).end(),
  });
  const runtime = runtimeOn(engine);
  const starts = [1, 2, 3].map((number) => runtime.start(task, new RecordedRun({ number })));
  expect((await Promise.all(starts)).map(({ id }) => id)).toEqual(["c1", "c1", "c1"]);
  const pulls = engine.requests.filter((request) => request.startsWith("POST /images/create"));
  const query = new URLSearchParams({ fromImage: "registry:5000/tools", tag: digest });
  expect(pulls).toEqual([`POST /images/create?${query.toString()}`]);
  runtime.close();
});

it("[DOCKER-6] says what is wrong with a pull, also when it fails half-way", async () => {
  await using engine = await openEngineDouble({
    "POST /containers/create": (response) => answer(response, 404, noImage),
    "POST /images/create": (response) =>
      answer(response, 200, { status: "Pulling" }, { error: "write /var/lib/docker/tmp: no space left on device" }),
  });
  const runtime = runtimeOn(engine);
  await expect(runtime.start(task, new RecordedRun())).rejects.toMatchObject({
    code: "runtime",
    message: `The image registry:5000/tools:1@${digest} could not be pulled: write /var/lib/docker/tmp: no space left on device`,
  });
  expect(engine.requests.filter((request) => request.startsWith("DELETE"))).toEqual([]);
  runtime.close();
});

it("[DOCKER-6] does not wait for a pull longer than a start may take", async () => {
  await using engine = await openEngineDouble({
    "POST /containers/create": (response) => answer(response, 404, noImage),
    "POST /images/create": (response) => void response.writeHead(200).write('{"status":"Pulling"}\n'),
  });
  const runtime = runtimeOn(engine, { startTimeoutMs: 200 });
  await expect(runtime.start(task, new RecordedRun())).rejects.toMatchObject({ code: "runtime" });
  runtime.close();
});

it("[DOCKER-6] rejects what the engine finds invalid, and removes what cannot be started", async () => {
  await using engine = await openEngineDouble({
    "POST /containers/create": (response) => answer(response, 201, { Id: "c1" }),
    "POST /containers/c1/start": (response) => answer(response, 400, { message: "exec: not found" }),
    [`GET /containers/${name}/json`]: (response) => answer(response, 200, containerOf("created")),
    "DELETE /containers/c1": (response) => void response.writeHead(204).end(),
  });
  const runtime = runtimeOn(engine);
  await expect(runtime.start(task, new RecordedRun())).rejects.toMatchObject({
    code: "rejected",
    message: expect.stringContaining("exec: not found") as string,
  });
  expect(engine.requests.at(-1)).toMatch(/^DELETE \/containers\/c1\?/);
  runtime.close();
});

it("[DOCKER-6] does not start work a second time when the engine breaks off after it has started it", async () => {
  let starts = 0;
  await using engine = await openEngineDouble({
    "POST /containers/create": (response) => answer(response, 201, { Id: "c1" }),
    "POST /containers/c1/start": (response) => {
      starts++;
      response.destroy();
    },
    "GET /containers/c1/json": (response) => answer(response, 200, containerOf("exited")),
  });
  const runtime = runtimeOn(engine);
  expect(await runtime.start(task, new RecordedRun())).toEqual({ version: 1, name, id: "c1" });
  expect(starts).toBe(1);
  runtime.close();
});

it("[DOCKER-6] finds the container that an engine has created although it broke off", async () => {
  let creations = 0;
  await using engine = await openEngineDouble({
    "POST /containers/create": (response) => {
      creations++;
      if (creations === 1) response.destroy();
      else answer(response, 409, { message: "Conflict. The name is in use." });
    },
    [`GET /containers/${name}/json`]: (response) => answer(response, 200, containerOf("created")),
    "POST /containers/c1/start": (response) => void response.writeHead(204).end(),
  });
  const runtime = runtimeOn(engine);
  expect((await runtime.start(task, new RecordedRun())).id).toBe("c1");
  expect(engine.requests.filter((request) => request === "POST /containers/c1/start")).toHaveLength(1);
  runtime.close();
});

/** An owner that can be told to stop. */
function anOwner(): { readonly run: RecordedRun; readonly tell: (code: StopCode) => void } {
  const owner = new AbortController();
  return { run: new RecordedRun({ signal: owner.signal }), tell: (code) => owner.abort(new StopReason(code, "over")) };
}

it.each<StopCode>(["abort", "timeout", "lost", "shutdown"])(
  "[DOCKER-9] creates nothing for an owner that is told to stop (%s) while its image is pulled",
  async (code) => {
    let isPulled = false;
    const { run, tell } = anOwner();
    await using engine = await openEngineDouble({
      "POST /containers/create": (response) =>
        isPulled ? answer(response, 201, { Id: "c1" }) : answer(response, 404, noImage),
      "POST /images/create": (response) => {
        tell(code);
        isPulled = true;
        answer(response, 200, { status: "Downloaded" });
      },
    });
    const runtime = runtimeOn(engine);
    await expect(runtime.start(task, run)).rejects.toMatchObject({
      code: "runtime",
      message: expect.stringMatching(/told to end before its work had begun: over$/) as string,
    });
    await expect(runtime.start(task, run)).rejects.toMatchObject({ code: "runtime" });
    expect(engine.requests.filter((request) => request.startsWith("POST /containers/create"))).toHaveLength(1);
    runtime.close();
  },
);

it.each<[StopCode, number]>([
  ["abort", 1],
  ["timeout", 1],
  ["lost", 0],
])(
  "[DOCKER-9] told to stop (%s) while its container starts, removes it unless the next owner adopts it",
  async (code, removals) => {
    const { run, tell } = anOwner();
    await using engine = await openEngineDouble({
      "POST /containers/create": (response) => answer(response, 201, { Id: "c1" }),
      "POST /containers/c1/start": () => tell(code),
      [`GET /containers/${name}/json`]: (response) => answer(response, 200, containerOf("running")),
      "DELETE /containers/c1": (response) => void response.writeHead(204).end(),
    });
    const runtime = runtimeOn(engine);
    await expect(runtime.start(task, run)).rejects.toMatchObject({ code: "runtime" });
    expect(engine.requests.filter((request) => request.startsWith("DELETE"))).toHaveLength(removals);
    runtime.close();
  },
);

it("[DOCKER-9] gives an owner that shuts down the container that it has created, for the next one", async () => {
  const { run, tell } = anOwner();
  await using engine = await openEngineDouble({
    "POST /containers/create": (response) => {
      tell("shutdown");
      answer(response, 201, { Id: "c1" });
    },
    "POST /containers/c1/start": (response) => void response.writeHead(204).end(),
  });
  const runtime = runtimeOn(engine);
  expect(await runtime.start(task, run)).toMatchObject({ id: "c1" });
  expect(engine.requests.at(-1)).toBe("POST /containers/c1/start");
  runtime.close();
});

it("[DOCKER-9] leaves alone the container of an earlier owner that it has not seen when its own shuts down", async () => {
  const { run, tell } = anOwner();
  let inspections = 0;
  await using engine = await openEngineDouble({
    "POST /containers/create": (response) => answer(response, 409, { message: "Conflict. The name is in use." }),
    [`GET /containers/${name}/json`]: (response) => {
      inspections++;
      if (inspections > 1) return answer(response, 200, containerOf("running"));
      tell("shutdown");
      answer(response, 500, { message: "engine is busy" });
    },
    "DELETE /containers/c1": (response) => void response.writeHead(204).end(),
  });
  const runtime = runtimeOn(engine);
  await expect(runtime.start(task, run)).rejects.toMatchObject({ code: "runtime" });
  expect(engine.requests.filter((request) => request.startsWith("DELETE"))).toEqual([]);
  runtime.close();
});
