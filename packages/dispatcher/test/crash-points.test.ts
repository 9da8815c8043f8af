import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { InMemoryQueue } from "@mayfly/queue";
import { crashPointChannel } from "@mayfly/service";
import { ManualClock } from "@mayfly/service/testing";
import { InMemoryStore } from "@mayfly/store";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Dispatcher } from "../src/index.ts";

const told: unknown[] = [];
const listen = (point: unknown): void => void told.push(point);

beforeEach(() => {
  told.length = 0;
  subscribe(crashPointChannel, listen);
});

afterEach(() => void unsubscribe(crashPointChannel, listen));

it("[CRASH-1] the dispatcher tells each of its steps, between what it did and what it does next", async () => {
  const clock = new ManualClock();
  const store = new (class extends InMemoryStore {
    override schedule(...given: Parameters<InMemoryStore["schedule"]>): ReturnType<InMemoryStore["schedule"]> {
      told.push("store.schedule");
      return super.schedule(...given);
    }
    override announced(...given: Parameters<InMemoryStore["announced"]>): ReturnType<InMemoryStore["announced"]> {
      told.push("store.announced");
      return super.announced(...given);
    }
  })({ clock });
  const queue = new (class extends InMemoryQueue {
    override publish(...given: Parameters<InMemoryQueue["publish"]>): ReturnType<InMemoryQueue["publish"]> {
      told.push("queue.publish");
      return super.publish(...given);
    }
  })({ clock });
  const dispatcher = new Dispatcher({ store, queue, clock });
  await dispatcher.register("hello", {});
  await dispatcher.schedule({ scheduler: "hello", attributes: {} });
  expect(told).toEqual([
    "dispatcher.before_store_write",
    "store.schedule",
    "dispatcher.after_store_write",
    "queue.publish",
    "dispatcher.after_publish",
    "store.announced",
    "dispatcher.after_confirm",
  ]);
});
