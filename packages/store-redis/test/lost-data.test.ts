import { readdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import type { OwnerCopy } from "@mayfly/store";
import { RedisStore } from "@mayfly/store-redis";
import { type RedisServer, startRedis } from "@mayfly/test-services";
import { expect, it, vi } from "vitest";
import { auditIndexes } from "./index-audit.ts";
import { patience, withKeyspace, withRedis } from "./redis-harness.ts";
import { aClaimRequest, aScheduleRequest } from "./sample-request.ts";

type Scheduled = Awaited<ReturnType<typeof schedule>>;

/** Schedules a task, with what its message says. */
async function schedule(store: RedisStore) {
  const request = aScheduleRequest();
  const answer = await store.schedule(request);
  if (answer.answer !== "scheduled") throw new Error(`schedule answered ${answer.answer}`);
  const { announcement } = answer;
  return { id: request.task.id, claim: () => ({ ...aClaimRequest(request), announcement }) };
}

/** Schedules a task and claims it; gives what its owner knows. */
async function run(store: RedisStore): Promise<OwnerCopy> {
  const claim = (await schedule(store)).claim();
  const granted = await store.claim(claim);
  if (granted.answer !== "granted") throw new Error(`claim answered ${granted.answer}`);
  const { announcement, token, contentHash, timeout, instance, leaseMs, maxAttempts } = claim;
  const { id, scheduler, body, scheduledAt } = announcement;
  const owner = { id, attempt: granted.attempt, token, scheduledAt };
  const asClaimed = { owner, scheduler, body, contentHash, timeout, instance, leaseMs, maxAttempts };
  return { ...asClaimed, run: 1, failures: 0, retentionMs: granted.retentionMs, runningForMs: 0 };
}

/** Runs a task that Redis has lost to its end, as whoever gets its message does. */
async function runAgain(store: RedisStore, { claim }: Scheduled): Promise<void> {
  const request = claim();
  const { id, scheduledAt } = request.announcement;
  expect(await store.claim(request)).toEqual({ answer: "lost" });
  const recreated = await store.claim({ ...request, recreate: { retentionMs: 60_000 } });
  expect(recreated).toMatchObject({ answer: "granted", attempt: 1, run: 1 });
  const owner = { id, attempt: 1, token: request.token, scheduledAt };
  expect(await store.finish(owner, { outcome: "complete" })).toMatchObject({ answer: "ended" });
  expect(await store.claim(claim())).toEqual({ answer: "gone" });
}

/** What an owner does whose task Redis has lost. */
async function goOn(store: RedisStore, copy: OwnerCopy): Promise<void> {
  expect(await store.heartbeat([copy.owner])).toEqual([{ answer: "lost" }]);
  expect(await store.restore(copy)).toMatchObject({ answer: "ok" });
  expect(await store.heartbeat([copy.owner])).toMatchObject([{ answer: "ok" }]);
  expect(await store.finish(copy.owner, { outcome: "complete" })).toMatchObject({ answer: "ended" });
}

/** The file to which Redis appends what it has been told. */
async function appendedFile(redis: RedisServer): Promise<string> {
  const folder = join(redis.dir, "appendonlydir");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".incr.aof"));
  expect(names).toHaveLength(1);
  return join(folder, names[0] ?? "");
}

it("[REDIS-17] knows what it was told, and what may be missing, when Redis was killed and has lost its last writes", async () => {
  // Otherwise a busy disk could make Redis answer before it has written, and what is kept would not be known.
  await using redis = await startRedis({ extraArgs: ["--appendfsync", "always"] });
  await using store = new RedisStore({ url: redis.url });
  await store.open();
  const [kept, keptRunning] = [await schedule(store), await run(store)];
  const file = await appendedFile(redis);
  const { size } = await stat(file);
  const [lost, lostRunning] = [await schedule(store), await run(store)];
  const { position } = await store.events({ limit: 100 });
  await redis.kill();
  expect((await stat(file)).size).toBeGreaterThan(size);
  await truncate(file, size);
  await redis.restart();
  await vi.waitFor(() => store.ping(), patience);

  expect(await store.events({ after: position, limit: 100 })).toMatchObject({ gap: true, events: [] });
  await runAgain(store, lost);
  await goOn(store, lostRunning);
  expect(await store.heartbeat([keptRunning.owner])).toMatchObject([{ answer: "ok" }]);
  expect(await store.finish(keptRunning.owner, { outcome: "complete" })).toMatchObject({ answer: "ended" });
  expect(await store.claim(kept.claim())).toMatchObject({ answer: "granted" });
  await withKeyspace(redis.url, (keyspace) => auditIndexes(keyspace, "mayfly"));
  const { gap, events } = await store.events({ after: position, limit: 100 });
  expect(gap).toBe(true);
  expect(events.map(({ event }) => event.op)).toEqual(["ack", "complete", "complete", "complete", "ack"]);
});

it("[REDIS-17] brings back what waits and what runs when Redis was wiped", async () => {
  await using redis = await startRedis();
  await using store = new RedisStore({ url: redis.url, shards: 3 });
  await store.open();
  const done = await run(store);
  await store.finish(done.owner, { outcome: "complete" });
  const waiting: Scheduled[] = [];
  const running: OwnerCopy[] = [];
  for (let task = 0; task < 20; task++) {
    waiting.push(await schedule(store));
    running.push(await run(store));
  }
  await withRedis(redis.url, (plain) => plain.flushAll());
  for (const task of waiting) await runAgain(store, task);
  for (const copy of running) await goOn(store, copy);
  expect(await store.count("hello")).toEqual({ scheduled: 0, running: 0 });
  // What was done before may come again: nothing is left that says so.
  expect(await store.heartbeat([done.owner])).toEqual([{ answer: "lost" }]);
  await withKeyspace(redis.url, (keyspace) => auditIndexes(keyspace, "mayfly"));
});

it("[REDIS-17] gives a lost task to one of its owner and those who get its message, whoever comes first", async () => {
  await using redis = await startRedis();
  await using store = new RedisStore({ url: redis.url });
  await store.open();
  const [first, second] = [await run(store), await run(store)];
  const claimOf = ({ owner, scheduler, body, contentHash, timeout }: OwnerCopy, token: string) => ({
    ...aClaimRequest(aScheduleRequest()),
    announcement: { id: owner.id, scheduler, body, token: "", scheduledAt: owner.scheduledAt, attempt: 0 },
    contentHash,
    timeout,
    token,
    recreate: { retentionMs: 60_000 },
  });
  await withRedis(redis.url, (plain) => plain.flushAll());
  expect(await store.restore(first)).toMatchObject({ answer: "ok" });
  expect(await store.claim(claimOf(first, "other"))).toEqual({ answer: "held" });
  expect(await store.claim(claimOf(second, "other"))).toMatchObject({ answer: "granted" });
  expect(await store.restore(second)).toEqual({ answer: "stale" });
  expect(await store.finish(second.owner, { outcome: "complete" })).toEqual({ answer: "stale" });
});
