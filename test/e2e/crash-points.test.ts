import { randomUUID } from "node:crypto";
import type { CrashPoint } from "@mayfly/service";
import { RabbitControl } from "@mayfly/test-services";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { CrashWorld } from "./crash-world.ts";
import { type SystemServices, until } from "./system.ts";

/** What leads a process past its crash point, and how the task that is under way then ends. */
interface Story {
  readonly end: "complete" | "timeout";
  /** How often it is run. */
  readonly runs: 0 | 1 | 2;
  /** Resolves with the id of the task when the process has died and been replaced. */
  readonly run: (world: CrashWorld) => Promise<string>;
}

const soon = (ms: number): string => new Date(Date.now() + ms).toISOString();

/** The API dies before it answers: its client does not know whether the task was accepted. */
const whileScheduling: Story = {
  end: "complete",
  runs: 1,
  run: async (world) => {
    await world.startScheduler();
    const { id, status } = await world.send("work");
    expect(status).toBeUndefined();
    await world.crashedAndReplaced();
    return id;
  },
};

/** An instance dies with a task in its hands. */
const whileRunning: Story = {
  end: "complete",
  runs: 2,
  run: async (world) => {
    await world.startArmedScheduler();
    const id = await world.accepted("work", { ms: 200 });
    await world.crashedAndReplaced();
    return id;
  },
};

/** A task is announced by the timeout daemon. */
const whileAnnouncing: Story = {
  end: "complete",
  runs: 1,
  run: async (world) => {
    await world.startScheduler();
    const id = await world.accepted("work", {}, { notBefore: soon(8_000) });
    await world.crashedAndReplaced();
    return id;
  },
};

const stories: Readonly<Record<CrashPoint, Story>> = {
  "dispatcher.before_store_write": {
    end: "complete",
    runs: 1,
    run: async (world) => {
      const id = await whileScheduling.run(world);
      expect((await world.system.request("GET", `/task/${id}`)).status).toBe(404);
      expect(await world.accepted("work", {}, { id })).toBe(id);
      return id;
    },
  },
  "dispatcher.after_store_write": whileScheduling,
  "dispatcher.after_publish": whileScheduling,
  "dispatcher.after_confirm": whileScheduling,
  "dispatcher.before_reply": whileScheduling,
  "scheduler.after_delivery": { ...whileRunning, runs: 1 },
  "scheduler.after_claim": { ...whileRunning, runs: 1 },
  "scheduler.after_start": whileRunning,
  "scheduler.while_running": whileRunning,
  "scheduler.after_end": whileRunning,
  "scheduler.after_finish": { ...whileRunning, runs: 1 },
  "sweeper.after_taking": whileAnnouncing,
  "sweeper.after_publish": whileAnnouncing,
  "sweeper.after_expire": {
    end: "timeout",
    runs: 0,
    run: async (world) => {
      const id = await world.accepted("work", {}, { timeout: soon(8_000) });
      await world.crashedAndReplaced();
      await world.startScheduler();
      return id;
    },
  },
  "sweeper.after_recover": {
    end: "complete",
    runs: 2,
    run: async (world) => {
      const first = await world.startScheduler();
      const id = await world.accepted("hold");
      await until(async () => (await world.journal.lines()).length === 1, "the first instance runs the task");
      await first.kill();
      await world.crashedAndReplaced();
      await world.journal.release();
      await world.startScheduler();
      return id;
    },
  },
  "sweeper.after_reannounce": {
    end: "complete",
    runs: 1,
    run: async (world) => {
      const id = await world.accepted("work");
      await world.audit.queue.remove(world.scheduler);
      await world.audit.queue.declare(world.scheduler);
      await world.crashedAndReplaced();
      await world.startScheduler();
      return id;
    },
  },
  "sweeper.after_dead_letter": {
    end: "complete",
    runs: 1,
    run: async (world) => {
      const id = await world.accepted("work");
      const consumer = await world.audit.queue.consume(world.scheduler, {
        slots: 1,
        holdMs: 60_000,
        onDelivery: async (delivery) => delivery.drop(),
      });
      await world.crashedAndReplaced();
      await consumer.close();
      await world.startScheduler();
      return id;
    },
  },
};

describe.concurrent("[CRASH-2] a process that dies", { timeout: 180_000 }, () => {
  let services: SystemServices;

  beforeAll(async () => {
    const amqpUrl = await new RabbitControl(inject("rabbit")).createVhost(`crash-${randomUUID().slice(0, 8)}`);
    services = { redisUrl: inject("redisUrl"), amqpUrl };
  });

  it.each(Object.entries(stories) as [CrashPoint, Story][])(
    "at %s costs no task, ends none twice, and leaves nothing behind",
    async (point, story) => {
      await using world = await CrashWorld.start(point, services);
      const id = await story.run(world);
      expect(await world.audit.ends([id])).toEqual([[story.end]]);
      expect(await world.journal.lines()).toHaveLength(story.runs);
      await world.audit.expectNothingLeft(world.scheduler, [id]);
    },
  );
});
