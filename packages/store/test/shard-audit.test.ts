import { randomUUID } from "node:crypto";
import { ManualClock } from "@mayfly/service/testing";
import { contentHash, type OwnerCopy, type StopHint } from "@mayfly/store";
import type { Announcement } from "@mayfly/task";
import { aTask } from "@mayfly/task/testing";
import { expect, it } from "vitest";
import { abort } from "../src/in-memory/abort.ts";
import { announced, reannounce } from "../src/in-memory/announce.ts";
import { claim } from "../src/in-memory/claim.ts";
import { EventLog } from "../src/in-memory/event-log.ts";
import { Listeners } from "../src/in-memory/listeners.ts";
import { finish, heartbeat, release } from "../src/in-memory/owner-steps.ts";
import { restore } from "../src/in-memory/restore.ts";
import { schedule } from "../src/in-memory/schedule.ts";
import { Shard } from "../src/in-memory/shard.ts";
import { due, expire, recover } from "../src/in-memory/sweep.ts";
import { undelivered } from "../src/in-memory/undelivered.ts";
import { auditShard } from "./shard-audit.ts";

const ids = Array.from({ length: 6 }, () => randomUUID());
const retentionMs = 5_000;
const leaseMs = 3_000;
const maxAttempts = 3;
const clock = new ManualClock();

function openShard(): Shard {
  const [doneListeners, stopListeners] = [new Listeners<void>(), new Listeners<StopHint>()];
  const options = { clock, events: new EventLog({ limit: 10 }), doneListeners, stopListeners };
  return new Shard({ ...options, tombstoneLimit: 100 });
}

it("[STORE-59] keeps the indexes true to the records, whatever is done or lost, and nothing once all is done", async () => {
  let shard = openShard();
  const announcements = new Map<string, Announcement>();
  const copies = new Map<string, OwnerCopy>();
  // A fixed sequence that looks random (a linear congruential generator), so that a failure repeats.
  let seed = 1;
  const below = (limit: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * limit);
  };
  const answers = new Set<string>();

  const acts: readonly ((id: string) => string)[] = [
    (id) => {
      const task = aTask({ id, timeout: new Date(clock.now() + 20_000).toISOString() });
      const known = { task, body: JSON.stringify(task), contentHash: contentHash(task), timeoutGiven: false };
      const answer = schedule(shard, { ...known, maxTimeoutMs: 20_000, retentionMs, announceToken: randomUUID() });
      if (answer.answer === "scheduled") announcements.set(id, answer.announcement);
      return answer.answer;
    },
    (id) => {
      announced(shard, id, announcements.get(id)?.token ?? "");
      return "announced";
    },
    (id) => {
      const announcement = announcements.get(id);
      if (announcement === undefined) return "nothing";
      const { scheduler, body, scheduledAt } = announcement;
      const timeout = scheduledAt + 20_000;
      const owning = { contentHash: "", timeout, instance: "hello@host:1:aaaaaa", leaseMs, maxAttempts };
      const recreate = below(2) === 0 ? { retentionMs } : undefined;
      const token = randomUUID();
      const answer = claim(shard, { ...owning, announcement, token, recreate });
      if (answer.answer === "granted") {
        const owner = { id, attempt: answer.attempt, token, scheduledAt };
        const { run, failures } = answer;
        copies.set(id, { ...owning, owner, scheduler, body, run, failures, retentionMs, runningForMs: 0 });
      }
      return answer.answer;
    },
    (id) => withCopy(id, ({ owner }) => heartbeat(shard, owner)),
    (id) => withCopy(id, ({ owner }) => release(shard, owner, { cause: "give_back", delayMs: below(2) * 1_000 })),
    (id) => withCopy(id, ({ owner }) => finish(shard, owner, { outcome: "complete" })),
    (id) => withCopy(id, (copy) => restore(shard, copy)),
    (id) => `abort: ${abort(shard, id, undefined).answer}`,
    () => `expire: ${expire(shard, 2).ids.length}`,
    () => `recover: ${recover(shard, 2).ids.length}`,
    () => {
      for (const announcement of due(shard, 2, 1_000_000).announcements)
        announcements.set(announcement.id, announcement);
      return "due";
    },
    (id) => `reannounce: ${reannounce(shard, id, announcements.get(id)?.token ?? "")}`,
    (id) => {
      const { token = "", scheduledAt } = announcements.get(id) ?? {};
      return `undelivered: ${undelivered(shard, { id, token, scheduledAt, delayMs: 0, maxFailures: 3, message: "" }).answer}`;
    },
    () => {
      if (below(10) === 0) shard = openShard();
      return "wipe";
    },
  ];
  const withCopy = (id: string, step: (copy: OwnerCopy) => { readonly answer: string }): string => {
    const copy = copies.get(id);
    return copy === undefined ? "nothing" : step(copy).answer;
  };

  for (let step = 0; step < 5_000; step++) {
    const act = acts[below(acts.length)] as (id: string) => string;
    answers.add(act(ids[below(ids.length)] as string));
    auditShard(shard);
    if (below(4) === 0) await clock.advance(below(2_000));
  }
  for (const answer of ["granted", "lost", "held", "expired", "stop", "stale", "gone", "released", "ended"]) {
    expect([...answers]).toContain(answer);
  }
  for (const answer of ["reannounce: true", "undelivered: released", "undelivered: ended", "undelivered: lost"]) {
    expect([...answers]).toContain(answer);
  }

  await clock.advance(20_000);
  expire(shard, 100);
  auditShard(shard);
  expect(shard.records.size).toBe(0);
  expect(shard.schedulers.latestClaimed("hello")).toBe(Number.NEGATIVE_INFINITY);
  // What was lost and timed out is remembered for an hour.
  await clock.advance(3_600_000);
  expect(ids.filter((id) => shard.tombstones.find(id, shard.now()) !== undefined)).toEqual([]);
});
