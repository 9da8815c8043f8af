import { randomUUID } from "node:crypto";
import { ManualClock } from "@mayfly/service/testing";
import { aTask } from "@mayfly/task/testing";
import { contentHash, InMemoryStore } from "@mayfly/store";
import { expect, test } from "vitest";

test("a task goes all the way", async () => {
  const clock = new ManualClock(Date.now());
  await using store = new InMemoryStore({ clock });
  const task = aTask();
  const scheduled = await store.schedule({
    task,
    body: JSON.stringify(task),
    contentHash: contentHash(task),
    timeoutGiven: true,
    maxTimeoutMs: 1e9,
    retentionMs: 1_000,
    announceToken: randomUUID(),
  });
  if (scheduled.answer !== "scheduled") throw new Error(scheduled.answer);
  const token = randomUUID();
  const claimed = await store.claim({
    announcement: scheduled.announcement,
    contentHash: contentHash(task),
    timeout: Date.parse(task.timeout),
    token,
    instance: "i",
    leaseMs: 1_000,
    maxAttempts: 3,
  });
  expect(claimed).toMatchObject({ answer: "granted", attempt: 1, run: 1, failures: 0 });
  const owner = { id: task.id, attempt: 1, token, scheduledAt: scheduled.announcement.scheduledAt };
  expect(await store.finish(owner, { outcome: "complete", result: [] })).toMatchObject({
    answer: "ended",
    view: { outcome: "complete", result: [] },
  });
  expect((await store.events({ limit: 10 })).events.map(({ event }) => event.op)).toEqual(["add", "ack", "complete"]);
  await clock.advance(1_000);
  expect(await store.find(task.id)).toBeUndefined();
});
