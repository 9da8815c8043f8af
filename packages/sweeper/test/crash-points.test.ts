import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Dispatcher } from "@mayfly/dispatcher";
import { InMemoryQueue } from "@mayfly/queue";
import { crashPointChannel } from "@mayfly/service";
import { ManualClock } from "@mayfly/service/testing";
import { contentHash, InMemoryStore } from "@mayfly/store";
import { type Task, toInstant } from "@mayfly/task";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Sweeper } from "../src/index.ts";

const told: unknown[] = [];
const listen = (point: unknown): void => void told.push(point);
const steps = ["announced", "expire", "recover", "reannounce", "undelivered"] as const;

beforeEach(() => {
  told.length = 0;
  subscribe(crashPointChannel, listen);
});

afterEach(() => void unsubscribe(crashPointChannel, listen));

/** A store that says when it has done something that leads to a crash point. */
function tellingStore(clock: ManualClock): InMemoryStore {
  const store = new InMemoryStore({ clock });
  const telling = new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return async (...given: unknown[]): Promise<unknown> => {
        const answer: unknown = await member.apply(target, given);
        const isIdle = typeof answer === "object" && answer !== null && "ids" in answer && String(answer.ids) === "";
        if (steps.some((step) => step === name) && !isIdle) told.push(`store.${String(name)}`);
        return answer;
      };
    },
  });
  return telling;
}

it("[CRASH-1] the sweeper tells each of its steps, between what it did and what it does next", async () => {
  const clock = new ManualClock();
  const store = tellingStore(clock);
  const queue = new InMemoryQueue({ clock });
  const dispatcher = new Dispatcher({ store, queue, clock });
  await dispatcher.register("hello", {});
  const at = (ms: number): string => toInstant(clock.now() + ms);
  const sweeper = new Sweeper({ store, queue, clock });
  await sweeper.start();

  const { task } = await dispatcher.schedule({ scheduler: "hello", attributes: {}, notBefore: at(1_000) });
  told.length = 0;
  await clock.advance(1_500);
  expect(told).toEqual(["sweeper.after_taking", "sweeper.after_publish", "store.announced"]);

  told.length = 0;
  const body: Task = { id: task.id, attributes: {}, scheduler: "hello", timeout: task.timeout };
  await store.claim({
    announcement: { ...body, body: JSON.stringify(body), token: "", scheduledAt: clock.now(), attempt: 0 },
    contentHash: contentHash(body),
    timeout: Date.parse(task.timeout),
    token: crypto.randomUUID(),
    instance: "hello@test:1:aaaaaa",
    leaseMs: 1_000,
    maxAttempts: 3,
  });
  await clock.advance(1_500);
  expect(told.slice(0, 2)).toEqual(["store.recover", "sweeper.after_recover"]);

  told.length = 0;
  await queue.remove("hello");
  await queue.declare("hello");
  await clock.advance(11 * 60_000);
  expect(told.slice(0, 3)).toEqual(["store.reannounce", "sweeper.after_reannounce", "sweeper.after_taking"]);

  told.length = 0;
  await queue.consume("hello", { slots: 1, holdMs: 60_000, onDelivery: async (delivery) => delivery.drop() });
  await clock.advance(500);
  expect(told.slice(0, 2)).toEqual(["store.undelivered", "sweeper.after_dead_letter"]);

  told.length = 0;
  await dispatcher.register("idle", {});
  await dispatcher.schedule({ scheduler: "idle", attributes: {}, timeout: at(60 * 60_000) });
  await clock.advance(60 * 60_000);
  expect(told.slice(-2)).toEqual(["store.expire", "sweeper.after_expire"]);
  await sweeper.stop();
});
