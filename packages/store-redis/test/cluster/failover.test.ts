import { RedisStore } from "@mayfly/store-redis";
import { type RedisCluster, startRedisCluster } from "@mayfly/test-services";
import type { Announcement } from "@mayfly/task";
import { expect, it, vi } from "vitest";
import { auditIndexes } from "../index-audit.ts";
import { watchAll, withKeyspace } from "../redis-harness.ts";
import { aClaimRequest, aScheduleRequest } from "../sample-request.ts";

/** Calls until the store answers; as long as a part of the Cluster is away, it does not for some shards. */
async function untilAnswered<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  return await vi.waitFor(call, { timeout: 60_000, interval: 50 });
}

async function scheduleMany(store: RedisStore, count: number) {
  const requests = Array.from({ length: count }, () => aScheduleRequest());
  const accepted = await Promise.all(
    requests.map(async (request) => {
      const answer = await untilAnswered(() => store.schedule(request));
      // A repeated call whose first answer got lost finds the task.
      if (answer.answer !== "scheduled" && answer.answer !== "exists") throw new Error(answer.answer);
      const { id, scheduler } = request.task;
      const scheduledAt = Date.parse(answer.view.scheduledAt);
      const announcement = { id, scheduler, body: request.body, token: request.announceToken, scheduledAt, attempt: 0 };
      return { ...aClaimRequest(request), announcement: announcement satisfies Announcement };
    }),
  );
  return accepted;
}

/** Claims a task as its message asks for, making it anew if it is lost, and ends it; tells whether it was lost. */
async function runToItsEnd(store: RedisStore, claim: ReturnType<typeof aClaimRequest>): Promise<boolean> {
  const answer = await untilAnswered(() => store.claim(claim));
  const isLost = answer.answer === "lost";
  const granted = isLost
    ? await untilAnswered(() => store.claim({ ...claim, recreate: { retentionMs: 60_000 } }))
    : answer;
  if (granted.answer !== "granted") throw new Error(`claim answered ${granted.answer}`);
  const { id, scheduledAt } = claim.announcement;
  const owner = { id, attempt: granted.attempt, token: claim.token, scheduledAt };
  expect(await untilAnswered(() => store.finish(owner, { outcome: "complete" }))).toMatchObject({ answer: "ended" });
  return isLost;
}

async function gapsOf(cluster: RedisCluster, shards: number): Promise<readonly string[]> {
  return await withKeyspace(cluster.url, async (keyspace) => {
    const keys = Array.from({ length: shards }, (_, shard) => `mayfly:{${shard}}:gaps`);
    return (await Promise.all(keys.map((key) => keyspace.hGetAll(key)))).map(({ spans = "" }) => spans);
  });
}

it("[REDIS-19] loses nothing that it has accepted when a primary dies and its replica takes over", async () => {
  // Longer than a busy machine lets a node wait: no other part may change its primary.
  await using cluster = await startRedisCluster({ replicas: true, nodeTimeoutMs: 5_000 });
  await using store = new RedisStore({ url: cluster.url });
  await store.open();
  const before = await gapsOf(cluster, store.shards);
  const early = await scheduleMany(store, 100);
  await cluster.killPrimary(0);
  const late = await scheduleMany(store, 100);
  await cluster.ready();
  await untilAnswered(() => watchAll(store));
  const after = await gapsOf(cluster, store.shards);
  // About a third of the shards has another server now, and only those have new gaps.
  const changed = after.filter((spans, shard) => spans !== before[shard]).length;
  expect(changed).toBeGreaterThan(0);
  expect(changed).toBeLessThan(store.shards / 2);

  for (const claim of [...early, ...late]) await runToItsEnd(store, claim);
  await withKeyspace(cluster.url, (keyspace) => auditIndexes(keyspace, "mayfly"));
  await cluster.restart(0);
  await untilAnswered(() => store.ping());
  const answers = await Promise.all(early.map((claim) => untilAnswered(() => store.claim(claim))));
  expect(new Set(answers.map(({ answer }) => answer))).toEqual(new Set(["gone"]));
});

it("[REDIS-19] brings back what a wiped part of a Cluster has lost, and goes on with the rest", async () => {
  await using cluster = await startRedisCluster();
  await using store = new RedisStore({ url: cluster.url });
  await store.open();
  const claims = await scheduleMany(store, 100);
  const wiped = await cluster.primary(1);
  await withKeyspace(wiped.url, async (keyspace) => keyspace.remove(await keyspace.keys("mayfly")));
  const lost: boolean[] = [];
  for (const claim of claims) lost.push(await runToItsEnd(store, claim));
  const count = lost.filter((isLost) => isLost).length;
  expect(count).toBeGreaterThan(0);
  expect(count).toBeLessThan(100);
});
