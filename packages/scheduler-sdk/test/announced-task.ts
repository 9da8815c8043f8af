import type { TaskStore } from "@mayfly/store";
import type { Announcement, JsonObject } from "@mayfly/task";
import { aTask } from "@mayfly/task/testing";

/** Stores a task for the scheduler `hello` that times out at `timeout`, in epoch milliseconds; resolves with its message. */
export async function announcedTask(store: TaskStore, attributes: JsonObject, timeout: number): Promise<Announcement> {
  const task = aTask({ scheduler: "hello", attributes, timeout: new Date(timeout).toISOString() });
  const answer = await store.schedule({
    task,
    body: JSON.stringify(task),
    contentHash: "",
    timeoutGiven: true,
    maxTimeoutMs: 3_600_000,
    retentionMs: 60_000,
    announceToken: "first",
  });
  if (answer.answer !== "scheduled") throw new Error(answer.answer);
  return answer.announcement;
}
