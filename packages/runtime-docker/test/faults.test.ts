import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RuntimeError } from "@mayfly/runtime";
import { silentLogger, systemClock } from "@mayfly/service";
import { afterEach, beforeEach, expect, inject, it } from "vitest";
import { DockerRuntime } from "../src/index.ts";
import { type DockerHarness, openDockerHarness, testSpec } from "./docker-harness.ts";
import { RecordedRun } from "./recorded-run.ts";

const commands = {
  slow: ["sh", "-c", "echo begun; exec sleep 3600"],
  complete: ["true"],
  code: ["sh", "-c", "read line < /tmp/never; exit 5"],
  counter: ["sh", "-c", "i=0; while [ $i -lt 200 ]; do echo line $i; i=$((i+1)); sleep 0.01; done; printf 'no end'"],
  loud: ["sh", "-c", `yes ${"mayfly ".repeat(20)} | head -c 100000000; echo end`],
  talker: [
    "sh",
    "-c",
    `trap 'echo after' USR1; yes ${"mayfly ".repeat(100)} | head -c 614400; echo; sleep 0.1; echo logged; while :; do sleep 0.05; done`,
  ],
  both: ["sh", "-c", "echo out; echo err >&2; exit 4"],
  tree: [
    "sh",
    "-c",
    "trap '' TERM; for i in 1 2 3; do sh -c 'trap \"\" TERM; while :; do sleep 1; done' & done; echo ready; wait",
  ],
};

let harness: DockerHarness;
beforeEach(async () => {
  harness = await openDockerHarness(inject("dockerSocket"), commands);
});
afterEach(async () => await harness.close());

it("[DOCKER-5] says that a container was removed from outside, by the name of the container", async () => {
  // What is being removed has no log any more, which its result waits for.
  const runtime = await harness.connect({ clock: systemClock });
  const context = new RecordedRun();
  const handle = await runtime.start(harness.task("slow"), context);
  const result = runtime.wait(handle, context);
  await harness.docker.getContainer(handle.id).remove({ force: true });
  const gone = {
    status: "failed",
    reason: "runtime",
    message: `The container ${handle.name} is gone: it was removed before its end was read.`,
  };
  expect(await result).toEqual(gone);
  expect(await runtime.wait(handle, context)).toEqual(gone);
});

it("[DOCKER-5] goes on waiting through an engine that breaks off and is away, and learns how the work ended", async () => {
  let noticed: () => void = () => undefined;
  const isNoticed = new Promise<void>((resolve) => (noticed = resolve));
  const runtime = await harness.connect({ logger: { ...silentLogger, warn: () => noticed() } });
  const context = new RecordedRun();
  const handle = await runtime.start(harness.task("slow"), context);
  const result = runtime.wait(handle, context);
  await context.said("begun");
  harness.proxy.shut();
  await harness.docker.getContainer(handle.id).kill({ signal: "SIGKILL" });
  await isNoticed;
  harness.proxy.reopen();
  expect(await result).toMatchObject({ status: "failed", reason: "failed", exitCode: 137, signal: "SIGKILL" });
});

it("[DOCKER-5] ends a tree of processes that ignore being asked, and what they have started", async () => {
  const context = new RecordedRun();
  const handle = await harness.runtime.start(harness.task("tree"), context);
  const result = harness.runtime.wait(handle, context);
  await context.said("ready");
  await harness.runtime.stop(handle, { graceMs: 100 });
  expect(await result).toMatchObject({ status: "failed", exitCode: 137, signal: "SIGKILL" });
  const { State } = await harness.docker.getContainer(handle.id).inspect();
  expect(State).toMatchObject({ Running: false, Pid: 0 });
});

it("[DOCKER-6] has a typed reason for a missing image, without waiting, and holds up no other start", async () => {
  const missing = harness.tasks.brokenStart?.() ?? harness.task("none");
  const [failed, handle] = await Promise.allSettled([
    harness.runtime.start(missing, new RecordedRun()),
    harness.runtime.start(harness.task("complete"), new RecordedRun()),
  ]);
  expect(failed).toMatchObject({ status: "rejected", reason: { code: "runtime" } });
  expect(failed.status === "rejected" && String(failed.reason)).toMatch(
    /registry\.invalid:5000\/missing:1.*[Nn]o such image/,
  );
  expect(handle.status).toBe("fulfilled");
});

it("[DOCKER-6] gives up on an engine that is away when the time for a start is over", async () => {
  const runtime = await harness.connect({ startTimeoutMs: 300 });
  harness.proxy.shut();
  const start = runtime.start(harness.task("complete"), new RecordedRun());
  const error: unknown = await start.catch((reason: unknown) => reason);
  expect(RuntimeError.is(error)).toBe(true);
  expect(error).toMatchObject({
    code: "runtime",
    message: expect.stringMatching(/not started within 300 ms/) as string,
  });
  expect(await runtime.health()).toMatchObject({ status: "unhealthy" });
  harness.proxy.reopen();
  expect(await runtime.health()).toEqual({ status: "healthy" });
});

it("[DOCKER-6] cannot be connected to an engine that is not there", async () => {
  const dir = await mkdtemp(join(tmpdir(), "mayfly-none-"));
  const address = { socketPath: join(dir, "none.sock") };
  const error: unknown = await DockerRuntime.connect(testSpec("none"), { address }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: "runtime",
    message: expect.stringMatching(/^Docker cannot be reached: /) as string,
  });
  await rm(dir, { recursive: true });
});

it("[DOCKER-6] leaves alone what has the name of a run and is not the run", async () => {
  const task = harness.task("complete");
  const name = `task-${task.id}-1`;
  const other = await harness.docker.createContainer({ name, Image: "mayfly-test:1", Cmd: ["sleep", "1"] });
  try {
    const start = harness.runtime.start(task, new RecordedRun());
    await expect(start).rejects.toMatchObject({ code: "runtime", message: expect.stringContaining(name) as string });
    expect((await other.inspect()).State.Status).toBe("created");
  } finally {
    await other.remove();
  }
});

it("[DOCKER-6] starts a container that an owner which died has only created", async () => {
  const task = harness.task("complete");
  const first = await harness.runtime.start(task, new RecordedRun());
  const { Config, HostConfig } = await harness.docker.getContainer(first.id).inspect();
  await harness.runtime.destroy(first);
  const options = { name: first.name, Image: Config.Image, Entrypoint: ["true"], Labels: Config.Labels, HostConfig };
  const created = await harness.docker.createContainer(options);
  const context = new RecordedRun();
  const handle = await harness.runtime.start(task, context);
  expect(handle).toEqual({ ...first, id: created.id });
  expect(await harness.runtime.wait(handle, context)).toEqual({ status: "complete" });
});

it("[DOCKER-7] tells every line of both streams, the last one without its end, before the result", async () => {
  const context = new RecordedRun();
  const handle = await harness.runtime.start(harness.task("both"), context);
  expect(await harness.runtime.wait(handle, context)).toMatchObject({
    exitCode: 4,
    message: "The work ended with code 4.",
  });
  expect(context.lines.toSorted()).toEqual(["err", "out"]);
});

it("[DOCKER-7] takes up a log that breaks where it was: no line twice, none left out", async () => {
  const context = new RecordedRun();
  const handle = await harness.runtime.start(harness.task("counter"), context);
  const result = harness.runtime.wait(handle, context);
  for (const line of ["line 20", "line 60", "line 100"]) {
    await context.said(line);
    harness.proxy.cut();
  }
  expect(await result).toEqual({ status: "complete" });
  expect(context.lines).toEqual([...Array.from({ length: 200 }, (_, index) => `line ${index}`), "no end"]);
});

it("[DOCKER-7] tells an owner that comes back the log from its beginning", async () => {
  const first = new RecordedRun();
  const handle = await harness.runtime.start(harness.task("slow"), first);
  void harness.runtime.wait(handle, first);
  await first.said("begun");
  const second = new RecordedRun();
  void harness.runtime.wait(handle, second);
  await second.said("begun");
});

it.each(["one that comes back", "one in another process"])(
  "[DOCKER-12] tells the next owner, %s, what the log does not have yet, however much was said before",
  async (owner) => {
    const first = new RecordedRun();
    const handle = await harness.runtime.start(harness.task("talker"), first);
    void harness.runtime.wait(handle, first);
    await first.said("logged");
    const loggedAt = first.saidAt;
    const repeated = first.lines.slice(first.times.indexOf(loggedAt));
    const second = new RecordedRun({ loggedAt });
    const next = owner === "one that comes back" ? harness.runtime : await harness.connect();
    void next.wait(handle, second);
    await second.said("logged");
    await harness.docker.getContainer(handle.id).kill({ signal: "SIGUSR1" });
    await second.said("after");
    expect(second.lines).toEqual([...repeated, "after"]);
    expect(repeated.length).toBeLessThan(first.lines.length);
    expect(second.saidAt).toBeGreaterThan(loggedAt ?? Number.POSITIVE_INFINITY);
  },
);

it("[DOCKER-12] goes on from where it was when the log of the next owner breaks", async () => {
  const first = new RecordedRun();
  const handle = await harness.runtime.start(harness.task("counter"), first);
  void harness.runtime.wait(handle, first);
  await first.said("line 40");
  const loggedAt = first.saidAt;
  const second = new RecordedRun({ loggedAt });
  const next = await harness.connect();
  const result = next.wait(handle, second);
  for (const line of ["line 60", "line 100"]) {
    await second.said(line);
    harness.proxy.cut();
  }
  expect(await result).toEqual({ status: "complete" });
  const all = [...Array.from({ length: 200 }, (_, index) => `line ${index}`), "no end"];
  // An engine that is held up reads several lines in one millisecond: all of them are told again.
  expect(second.lines).toEqual(all.slice(first.times.indexOf(loggedAt)));
});

it("[DOCKER-7] cuts the log of 100 MB of output, and keeps none of it in memory", async () => {
  const context = new RecordedRun();
  const handle = await harness.runtime.start(harness.task("loud"), context);
  const before = process.memoryUsage.rss();
  let most = before;
  const watching = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20);
  try {
    expect(await harness.runtime.wait(handle, context)).toEqual({ status: "complete" });
  } finally {
    clearInterval(watching);
  }
  expect(context.lines.at(-1)).toBe("[log cut: the container has written more than 1048576 bytes]");
  expect(context.lines.join("\n").length).toBeLessThan(1_048_700);
  expect(most - before).toBeLessThan(30 * 2 ** 20);
});
