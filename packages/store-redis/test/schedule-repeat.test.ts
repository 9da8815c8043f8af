import { RedisStore } from "@mayfly/store-redis";
import { expect, inject, it, vi } from "vitest";
import { aPrefix, keysOf, withRedis } from "./redis-harness.ts";
import { aScheduleRequest } from "./sample-request.ts";

it("[REDIS-14] takes another notBefore for a conflict while it lies ahead, alive and done, and for none afterwards", async () => {
  const [url, prefix] = [inject("redisUrl"), aPrefix()];
  await using store = new RedisStore({ url, prefix });
  await store.open();
  const soon = Date.now() + 400;
  const request = aScheduleRequest({}, { notBefore: soon });
  const answerTo = async (notBefore: number | undefined): Promise<string> =>
    (await store.schedule({ ...request, notBefore })).answer;
  expect(await answerTo(soon)).toBe("scheduled");
  const answers = [await answerTo(soon), await answerTo(undefined), await answerTo(1), await answerTo(soon + 60_000)];
  expect(answers).toEqual(["exists", "exists", "exists", "conflict"]);
  await store.abort(request.task.id, {});
  expect([await answerTo(undefined), await answerTo(soon + 60_000)]).toEqual(["exists", "conflict"]);
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(soon + 10));
  expect(await answerTo(soon)).toBe("exists");
  expect(await answerTo(soon + 5)).toBe("exists");
  await withRedis(url, async (redis) => redis.del([...(await keysOf(redis, prefix))]));
});
