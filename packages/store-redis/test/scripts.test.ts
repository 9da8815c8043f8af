import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { RedisStore } from "@mayfly/store-redis";
import { expect, inject, it } from "vitest";
import { aPrefix, keysOf, withRedis } from "./redis-harness.ts";
import { aClaimRequest, aScheduleRequest } from "./sample-request.ts";

const scripts = new URL("../src/scripts/", import.meta.url);

it("[REDIS-8] has generated its scripts from what is there", async () => {
  const generator = new URL("../scripts/generate.mjs", import.meta.url).pathname;
  await promisify(execFile)(process.execPath, [generator, "--check"]);
});

it("[REDIS-8] says of each script what it is for, what it takes and gives, and why it is atomic", async () => {
  const files = (await readdir(scripts)).filter((file) => file.endsWith(".lua"));
  expect(files.length).toBeGreaterThan(15);
  const headers = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(new URL(file, scripts), "utf8");
      return `${file}\n${text.slice(0, text.search(/^[^-#\n]/m))}`;
    }),
  );
  for (const header of headers) {
    expect(header).toMatch(/^.*\n#!lua/);
    expect(header).toMatch(/^-- (Atomic |A script, although one command would do, )/m);
    expect(header).toMatch(/^-- KEYS: /m);
    expect(header).toMatch(/^-- Returns /m);
  }
});

it("[REDIS-9] goes on when Redis has forgotten the scripts", async () => {
  const [url, prefix] = [inject("redisUrl"), aPrefix()];
  await withRedis(url, async (redis) => {
    await using store = new RedisStore({ url, prefix });
    await store.open();
    const request = aScheduleRequest();
    const claim = aClaimRequest(request);
    const owner = { id: request.task.id, attempt: 1, token: claim.token, scheduledAt: 0 };
    const calls = [
      () => store.schedule(request),
      () => store.claim(claim),
      () => store.attach(owner, { runtime: "test", handle: 1 }),
      () => store.heartbeat([owner]),
      () => store.progress(owner, "1"),
      () => store.finish(owner, { outcome: "complete" }),
      () => store.find(owner.id),
      () => store.currentRun(owner.id),
    ];
    const answers: unknown[] = [];
    for (const call of calls) {
      await redis.scriptFlush();
      answers.push(await call());
    }
    expect(answers).toMatchObject([
      { answer: "scheduled" },
      { answer: "granted" },
      "ok",
      [{ answer: "ok" }],
      "ok",
      { answer: "ended" },
      { outcome: "complete", progress: 1 },
      { answer: "gone" },
    ]);
    await redis.del([...(await keysOf(redis, prefix))]);
  });
});
