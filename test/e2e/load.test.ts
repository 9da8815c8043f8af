import { RabbitControl } from "@mayfly/test-services";
import { describe, expect, inject, it } from "vitest";
import { Journal, recordingHandlers } from "./journal.ts";
import { redisKeys } from "./redis-keys.ts";
import { System, until } from "./system.ts";

const taskCount = 2_000;
const inFlight = 64;

describe("three processes on RabbitMQ and Redis", () => {
  it("[E2E-2] run 2,000 tasks exactly once, on two instances, and leave nothing behind", async () => {
    await using system = await System.start({ env: { MAYFLY_RETENTION_MS: "5000" } });
    await using journal = await Journal.open();
    const instances = await Promise.all([
      system.startScheduler(recordingHandlers),
      system.startScheduler(recordingHandlers),
    ]);
    await system.done(await system.scheduled("work", { file: journal.file }));
    await until(async () => (await taskKeys(system.prefix)).length === 0, "the first task is forgotten");
    const baseline = await keys(system.prefix);

    const ids: string[] = [];
    let next = 0;
    const schedule = async (): Promise<void> => {
      while (next++ < taskCount) ids.push(await system.scheduled("work", { file: journal.file, number: next }));
    };
    await Promise.all(Array.from({ length: inFlight }, schedule));

    const ends: string[] = [];
    let nextEnd = 0;
    const look = async (): Promise<void> => {
      for (let at = nextEnd++; at < ids.length; at = nextEnd++) {
        const view = await system.view(ids[at] ?? "", 60).catch(() => undefined);
        ends.push(view === undefined ? "forgotten" : `${view.state} ${view.outcome} ${view.attempt}`);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, look));
    // Those that were done first, on a busy machine all, may have been forgotten by now: the journal says that they ran.
    expect(ends.filter((end) => end !== "forgotten" && end !== "done complete 1")).toEqual([]);

    const runs = (await journal.lines()).slice(1);
    expect(runs).toHaveLength(taskCount);
    expect(new Set(runs.map(([id]) => id))).toEqual(new Set(ids));
    expect(new Set(runs.map(([, , pid]) => Number(pid)))).toEqual(new Set(instances.map((instance) => instance.pid)));

    await until(async () => (await taskKeys(system.prefix)).length === 0, "all tasks are forgotten");
    expect(await keys(system.prefix)).toEqual(baseline);
    const control = new RabbitControl(inject("rabbit"));
    await until(
      async () => (await depths(control, system.prefix)).every((depth) => depth === 0),
      "the queues are empty",
    );
  });
});

async function depths(control: RabbitControl, vhost: string): Promise<readonly number[]> {
  return (await control.listQueues(vhost)).map((queue) => queue.messages);
}

/** Every key of a deployment that has no task. The events of a shard have a key from its first task on. */
async function keys(prefix: string): Promise<readonly string[]> {
  return (await redisKeys(inject("redisUrl"), `*${prefix}*`)).filter((key) => !key.endsWith(":events"));
}

async function taskKeys(prefix: string): Promise<readonly string[]> {
  return (await keys(prefix)).filter((key) => /:(task|done):/.test(key));
}
