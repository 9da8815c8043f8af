import { readFile } from "node:fs/promises";
import { systemClock } from "@mayfly/service";
import type { RedisStore } from "@mayfly/store-redis";
import { createClient } from "redis";
import { Deployment, nowMs } from "./deployment.ts";
import { type Figure, figuresOf } from "./figure.ts";
import { spreadOf } from "./spread.ts";
import { until } from "./until.ts";

/** How many passes are timed, and how far apart they are, in milliseconds. */
const passes = 200;
const apartMs = 10;

/** How long the programs may come to rest before their memory is read, in milliseconds. */
const restMs = 15_000;

/**
 * Many tasks wait behind one that runs: what that costs in Redis, whether the memory of the programs stays as it was, and
 * how long the passes of a sweeper take.
 */
export async function backlog(tasks: number): Promise<readonly Figure[]> {
  await using deployment = await Deployment.start();
  const timeout = await deployment.startTimeout();
  const scheduler = await deployment.startScheduler({ MAYFLY_CONCURRENCY: "1" });
  const programs = { API: deployment.api.app, scheduler, "timeout daemon": timeout };
  await using store = await deployment.openStore();
  // Programs that have worked for a while are compared with themselves, not with programs that have just started.
  const first = Math.ceil(tasks / 5);
  await deployment.schedule({ handler: "sleep", ms: 3_600_000 });
  await deployment.scheduleMany(first, { handler: "hello", name: "Ada" });
  await settle(store, first);
  const before = await memoryOf(programs);
  const bytesBefore = await redisBytes(deployment.redis.url);
  const startedAtMs = nowMs();
  await deployment.scheduleMany(tasks - first, { handler: "hello", name: "Ada" });
  const seconds = (nowMs() - startedAtMs) / 1_000;
  await settle(store, tasks);
  const after = await memoryOf(programs);
  const bytes = (await redisBytes(deployment.redis.url)) - bytesBefore;
  return [
    { name: "tasks that wait", value: (await store.count("hello")).scheduled },
    { name: "scheduled in", value: seconds, unit: "s" },
    ...Object.keys(programs).flatMap((name) => growthOf(name, before[name], after[name])),
    { name: "Redis, for each task that waits", value: bytes / (tasks - first), unit: "bytes" },
    ...(await timePasses(store)),
  ];
}

/** Waits until so many tasks wait and all of them have been announced, and a while longer. */
async function settle(store: RedisStore, tasks: number): Promise<void> {
  const isThere = async (): Promise<boolean> => (await store.count("hello")).scheduled === tasks;
  await until(isThere, `${tasks} tasks wait`, { limitMs: 600_000, everyMs: 500 });
  const isAnnounced = async (): Promise<boolean> => (await announcedLately(store)) === 0;
  await until(isAnnounced, "all of them have been announced", { limitMs: 600_000, everyMs: 500 });
  await systemClock.sleep(restMs);
}

/** How many tasks the outbox has due; taking them puts them off, which harms nobody. */
async function announcedLately(store: RedisStore): Promise<number> {
  return (await store.due({ shard: 0, limit: 1, maxBytes: 1_000_000 })).announcements.length;
}

async function timePasses(store: RedisStore): Promise<readonly Figure[]> {
  const steps = {
    expire: () => store.expire({ shard: 0, limit: 100 }),
    recover: () => store.recover({ shard: 0, limit: 100 }),
    announce: () => store.due({ shard: 0, limit: 100, maxBytes: 4_194_304 }),
    "re-announce": () => store.stalled({ shard: 0, limit: 100, ageMs: 1 }),
  };
  const figures: Figure[] = [];
  for (const [name, step] of Object.entries(steps)) {
    const took: number[] = [];
    for (let pass = 0; pass < passes; pass++) {
      const startedAtMs = nowMs();
      await step();
      took.push(nowMs() - startedAtMs);
      await systemClock.sleep(apartMs);
    }
    figures.push(...figuresOf(`sweep pass: ${name}`, spreadOf(took), "ms", 50));
  }
  return figures;
}

function growthOf(name: string, before = Number.NaN, after = Number.NaN): readonly Figure[] {
  return [
    { name: `memory of the ${name}, before`, value: before, unit: "MB" },
    { name: `memory of the ${name}, after`, value: after, unit: "MB" },
    { name: `memory of the ${name}, growth`, value: after - before, unit: "MB", promised: 20 },
  ];
}

/** The resident memory of each program, in MB. */
async function memoryOf(
  programs: Readonly<Record<string, { readonly pid: number }>>,
): Promise<Readonly<Record<string, number>>> {
  const sizes = Object.entries(programs).map(async ([name, { pid }]) => {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    return [name, Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024] as const;
  });
  return Object.fromEntries(await Promise.all(sizes));
}

async function redisBytes(url: string): Promise<number> {
  const redis = createClient({ url });
  await redis.connect();
  try {
    return Number(/used_memory:(\d+)/.exec(await redis.info("memory"))?.[1]);
  } finally {
    redis.destroy();
  }
}
