import { InMemoryQueue, QueueError } from "@mayfly/queue";
import { ManualClock } from "@mayfly/service/testing";
import { InMemoryStore, StoreError, type TaskStore } from "@mayfly/store";
import { type Announcement, toInstant } from "@mayfly/task";
import { beforeEach, describe, expect, it } from "vitest";
import { Dispatcher, type DispatcherError, type DispatcherErrorCode } from "../src/index.ts";

const hello = { scheduler: "hello", attributes: { name: "Ada", list: [] } } as const;
const id = "0f5c1c1e-6f3b-4c3c-9b5e-0a1b2c3d4e5f";

/** A queue that answers as a test says and remembers what it was given. */
class ScriptedQueue extends InMemoryQueue {
  readonly published: Announcement[] = [];
  answer: () => Promise<"confirmed" | "unroutable" | "unknown"> = () => Promise.resolve("confirmed");

  override publish(message: Announcement): Promise<"confirmed" | "unroutable" | "unknown"> {
    this.published.push(message);
    return this.answer();
  }
}

describe("Dispatcher", () => {
  let clock: ManualClock;
  let store: InMemoryStore;
  let queue: ScriptedQueue;
  let dispatcher: Dispatcher;

  beforeEach(async () => {
    clock = new ManualClock();
    store = new InMemoryStore({ clock });
    queue = new ScriptedQueue({ clock });
    await Promise.all([store.open(), queue.open()]);
    dispatcher = new Dispatcher({ store, queue, clock });
    await dispatcher.register("hello", {});
  });

  function later(ms: number): string {
    return toInstant(clock.now() + ms);
  }

  function outbox(): Promise<readonly string[]> {
    return store
      .due({ shard: 0, limit: 100, maxBytes: 1_000_000 })
      .then((due) => due.announcements.map((announcement) => announcement.id));
  }

  describe("schedule", () => {
    it("[DISP-1] stores the task, publishes it with its very bytes, and takes it out of the outbox", async () => {
      const { status, task } = await dispatcher.schedule(hello);
      expect(status).toBe("scheduled");
      expect(task).toEqual({
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4/) as string,
        ...hello,
        timeout: later(6 * 3_600_000),
        state: "scheduled",
        scheduledAt: later(0),
      });
      expect(queue.published).toHaveLength(1);
      expect(queue.published[0]?.body).toBe(
        JSON.stringify({ id: task.id, attributes: hello.attributes, scheduler: "hello", timeout: task.timeout }),
      );
      await clock.advance(60_000);
      expect(await outbox()).toEqual([]);
    });

    it("[DISP-2] refuses a scheduler that is not registered, and stores nothing", async () => {
      await expectCode("unknown_scheduler", dispatcher.schedule({ ...hello, scheduler: "nobody", id }));
      expect(await dispatcher.find(id)).toBeUndefined();
    });

    it("[DISP-2] knows a scheduler as soon as it has registered", async () => {
      await expectCode("unknown_scheduler", dispatcher.schedule({ ...hello, scheduler: "late" }));
      await store.register("late", {});
      expect((await dispatcher.schedule({ ...hello, scheduler: "late" })).status).toBe("scheduled");
    });

    it("[DISP-3] answers a repeat with the same task, whatever the order of its members, and publishes it once", async () => {
      const first = await dispatcher.schedule({ ...hello, id });
      await clock.advance(1_000);
      const again = await dispatcher.schedule({ scheduler: "hello", attributes: { list: [], name: "Ada" }, id });
      expect(again).toEqual({ status: "exists", task: first.task });
      expect(queue.published).toHaveLength(1);
    });

    it("[DISP-3] answers a repeat although its scheduler has gone since", async () => {
      await dispatcher.schedule({ ...hello, id });
      await dispatcher.abort(id);
      await dispatcher.deregister("hello");
      expect(await dispatcher.schedule({ ...hello, id })).toMatchObject({ status: "exists", task: { state: "done" } });
      await expectCode("task_conflict", dispatcher.schedule({ ...hello, id, attributes: {} }));
      await expectCode("unknown_scheduler", dispatcher.schedule({ ...hello, id: id.replace("0", "1") }));
      expect(await dispatcher.find(id.replace("0", "1"))).toBeUndefined();
    });

    it("[DISP-3] refuses the same id with other content", async () => {
      await dispatcher.schedule({ ...hello, id, timeout: later(60_000) });
      await expectCode("task_conflict", dispatcher.schedule({ ...hello, id, attributes: {} }));
      await expectCode("task_conflict", dispatcher.schedule({ ...hello, id, timeout: later(61_000) }));
      expect((await dispatcher.schedule({ ...hello, id, timeout: later(60_000) })).status).toBe("exists");
    });

    it("[DISP-4] refuses times that do not fit, and says which", async () => {
      await expectCode("invalid_task", dispatcher.schedule({ ...hello, timeout: later(-1) }), ["timeout"]);
      await expectCode("invalid_task", dispatcher.schedule({ ...hello, timeout: later(8 * 24 * 3_600_000) }), [
        "timeout",
      ]);
      const late = { ...hello, timeout: later(60_000), notBefore: later(60_000) };
      await expectCode("invalid_task", dispatcher.schedule(late), ["notBefore"]);
    });

    it.each([
      ["id", { id: "42" }],
      ["attributes", { attributes: [] as never }],
      ["attributes.deep.__proto__", { attributes: JSON.parse('{"deep":{"__proto__":1}}') as object as never }],
      ["timeout", { timeout: "2126-01-01T00:00:00" }],
      ["notBefore", { notBefore: "tomorrow" }],
    ])("[DISP-4] refuses a bad %s from a caller in its own process", async (path, members) => {
      await expectCode("invalid_task", dispatcher.schedule({ ...hello, ...members }), path.split("."));
    });

    it("[DISP-5] does not announce before notBefore; a past one counts as none", async () => {
      await dispatcher.schedule({ ...hello, id, notBefore: later(30_000) });
      expect(queue.published).toEqual([]);
      await clock.advance(29_999);
      expect(await outbox()).toEqual([]);
      await clock.advance(1);
      expect(await outbox()).toEqual([id]);
      await dispatcher.schedule({ ...hello, notBefore: later(-1) });
      expect(queue.published).toHaveLength(1);
    });

    it.each(["unknown", "unroutable"] as const)(
      "[DISP-6] keeps a task in the outbox when the broker answers %s",
      async (answer) => {
        queue.answer = () => Promise.resolve(answer);
        expect((await dispatcher.schedule({ ...hello, id })).status).toBe("stored");
        await clock.advance(5_000);
        expect(await outbox()).toEqual([id]);
      },
    );

    it("[DISP-6] waits two seconds for the broker, and a later confirm still takes the task out of the outbox", async () => {
      let confirm: (answer: "confirmed") => void = () => undefined;
      queue.answer = () => new Promise((resolve) => (confirm = resolve));
      const scheduling = dispatcher.schedule({ ...hello, id });
      await clock.advance(2_000);
      expect((await scheduling).status).toBe("stored");
      confirm("confirmed");
      await clock.advance(60_000);
      expect(await outbox()).toEqual([]);
    });
  });

  describe("wait", () => {
    it("[DISP-7] answers as soon as the task is done", async () => {
      await dispatcher.schedule({ ...hello, id });
      const waiting = dispatcher.wait(id, { waitMs: 60_000 });
      await clock.advance(100);
      await dispatcher.abort(id);
      expect(await waiting).toMatchObject({ state: "done", outcome: "aborted" });
      expect(clock.pendingTimers).toBe(0);
    });

    it("[DISP-7] answers with the present state when the time is over or its signal fires", async () => {
      await dispatcher.schedule({ ...hello, id });
      const waiting = dispatcher.wait(id, { waitMs: 10_000 });
      await clock.advance(10_000);
      expect(await waiting).toMatchObject({ state: "scheduled" });
      const leaving = new AbortController();
      const left = dispatcher.wait(id, { waitMs: 10_000, signal: leaving.signal });
      await clock.advance(1);
      leaving.abort();
      expect(await left).toMatchObject({ state: "scheduled" });
    });

    it("[DISP-7] misses no end that comes while it subscribes", async () => {
      const slow: TaskStore = Object.assign(Object.create(store) as InMemoryStore, {
        watchDone: async (task: string, listener: () => void) => {
          await clock.sleep(100);
          return store.watchDone(task, listener);
        },
      });
      bindTo(store, slow);
      await dispatcher.schedule({ ...hello, id });
      const waiting = new Dispatcher({ store: slow, queue, clock }).wait(id, { waitMs: 60_000 });
      await clock.advance(50);
      await store.abort(id, {});
      await clock.advance(60);
      expect(await Promise.race([waiting, Promise.resolve("still waiting")])).toMatchObject({ state: "done" });
    });

    it("[DISP-7] reads again every five seconds when no hint comes", async () => {
      const deaf: TaskStore = Object.assign(Object.create(store) as InMemoryStore, {
        watchDone: () => Promise.resolve({ close: () => undefined }),
      });
      bindTo(store, deaf);
      const waiter = new Dispatcher({ store: deaf, queue, clock });
      await waiter.schedule({ ...hello, id });
      const waiting = waiter.wait(id, { waitMs: 60_000 });
      await clock.advance(100);
      await store.abort(id, {});
      await clock.advance(5_000);
      expect(await waiting).toMatchObject({ state: "done" });
    });

    it("[DISP-12] subscribes anew for the next who waits when a subscription has failed", async () => {
      const subscriptions: string[] = [];
      const flaky: TaskStore = Object.assign(Object.create(store) as InMemoryStore, {
        watchDone: (task: string, listener: () => void) => {
          subscriptions.push(task);
          if (subscriptions.length > 1) return store.watchDone(task, listener);
          return Promise.reject(new StoreError("unavailable", "The store is away."));
        },
      });
      bindTo(store, flaky);
      const waiter = new Dispatcher({ store: flaky, queue, clock });
      await waiter.schedule({ ...hello, id });
      const first = waiter.wait(id, { waitMs: 60_000 });
      await clock.advance(100);
      const second = waiter.wait(id, { waitMs: 60_000 });
      await clock.advance(100);
      expect(subscriptions).toEqual([id, id]);
      await store.abort(id, {});
      await clock.advance(1);
      // The second one is told; the first one, who could not subscribe, reads again after five seconds.
      expect(await Promise.race([first, second])).toMatchObject({ state: "done" });
      expect(await second).toMatchObject({ state: "done" });
      await clock.advance(5_000);
      expect(await first).toMatchObject({ state: "done" });
    });

    it("[DISP-7] answers at once when too many wait", async () => {
      const narrow = new Dispatcher({ store, queue, clock, maxWaiters: 1 });
      await dispatcher.schedule({ ...hello, id });
      const leaving = new AbortController();
      const waiting = narrow.wait(id, { waitMs: 60_000, signal: leaving.signal });
      expect(await narrow.wait(id, { waitMs: 60_000 })).toMatchObject({ state: "scheduled" });
      leaving.abort();
      expect(await waiting).toMatchObject({ state: "scheduled" });
    });

    it("[DISP-7] answers undefined for a task that there is not", async () => {
      expect(await dispatcher.wait(id, { waitMs: 60_000 })).toBeUndefined();
    });
  });

  describe("abort", () => {
    it("[DISP-8] ends a task that waits, with the message, and answers a second time the same", async () => {
      await dispatcher.schedule({ ...hello, id });
      const first = await dispatcher.abort(id, { message: "no longer wanted" });
      expect(first).toMatchObject({
        answer: "ended",
        view: { reason: { code: "requested", message: "no longer wanted" } },
      });
      expect(await dispatcher.abort(id)).toEqual(first);
    });

    it("[DISP-8] knows nothing of a task that there is not", async () => {
      await expectCode("unknown_task", dispatcher.abort(id));
    });
  });

  describe("schedulers", () => {
    it("[DISP-9] shows registrations, and replaces only what is given", async () => {
      expect((await dispatcher.register("gpu", { description: "has a GPU", maxTasks: 3 })).created).toBe(true);
      const again = await dispatcher.register("gpu", { maxTasks: 4 });
      expect(again.created).toBe(false);
      expect(again.scheduler).toMatchObject({ name: "gpu", description: "has a GPU", maxTasks: 4, instances: [] });
      expect((await dispatcher.schedulers()).map((scheduler) => scheduler.name)).toEqual(["gpu", "hello"]);
    });

    it("[DISP-9] counts the tasks that live", async () => {
      await dispatcher.schedule(hello);
      expect(await dispatcher.findScheduler("hello")).toMatchObject({ tasks: { scheduled: 1, running: 0 } });
    });

    it("[DISP-10] removes a scheduler with its queue, but not while tasks of it live", async () => {
      await dispatcher.schedule({ ...hello, id });
      await expectCode("scheduler_busy", dispatcher.deregister("hello"));
      await dispatcher.abort(id);
      await dispatcher.deregister("hello");
      await expectCode("unknown_scheduler", dispatcher.deregister("hello"));
      await expectCode("unknown_scheduler", dispatcher.schedule(hello));
      expect(await queue.ready("hello")).toBeUndefined();
    });
  });

  it("[DISP-10] says why a scheduler cannot go while the broker is away", async () => {
    const cut: ScriptedQueue = Object.create(queue, { canPublish: { value: false } }) as ScriptedQueue;
    const away = new Dispatcher({ store, queue: cut, clock });
    await expectCode("unknown_scheduler", away.deregister("nobody"));
    await expectCode("broker_unavailable", away.deregister("hello"));
    await dispatcher.schedule(hello);
    await expectCode("scheduler_busy", away.deregister("hello"));
    expect(await dispatcher.findScheduler("hello")).toBeDefined();
  });

  it.each([
    ["refused", "broker_unavailable"],
    ["conflict", "registration_conflict"],
  ] as const)("[DISP-13] says why a queue cannot be declared when that is %s", async (code, told) => {
    const strict: ScriptedQueue = Object.create(queue, {
      declare: { value: () => Promise.reject(new QueueError(code, `The broker says: ${code}.`)) },
    }) as ScriptedQueue;
    const registering = new Dispatcher({ store, queue: strict, clock }).register("gpu", {});
    await expect(registering).rejects.toThrow(`The broker says: ${code}.`);
    await expectCode(told, registering);
    expect(await dispatcher.findScheduler("gpu")).toBeUndefined();
  });

  it("[DISP-11] says in its own words that the store is away", async () => {
    const away: Pick<TaskStore, "find" | "findRegistration"> = {
      find: () => Promise.reject(new StoreError("unavailable", "The store is away.")),
      findRegistration: () => Promise.reject(new StoreError("unavailable", "The store is away.")),
    };
    const cut = new Dispatcher({ store: Object.assign(Object.create(store) as TaskStore, away), queue, clock });
    await expectCode("store_unavailable", cut.find(id));
    await expectCode("store_unavailable", cut.schedule(hello));
  });
});

/** Lets an object that inherits from `store` call its methods, which reach private state. */
function bindTo(store: TaskStore, double: TaskStore): void {
  for (const name of ["schedule", "announced", "find", "abort", "findRegistration"] as const) {
    Object.assign(double, { [name]: (store[name] as (...given: unknown[]) => unknown).bind(store) });
  }
}

async function expectCode(code: DispatcherErrorCode, step: Promise<unknown>, path?: readonly string[]): Promise<void> {
  const error: DispatcherError = await step.then(
    () => expect.fail(`expected ${code}`),
    (thrown: unknown) => thrown as DispatcherError,
  );
  expect(error.code).toBe(code);
  expect(error.path).toEqual(path);
}
