import { ManualClock } from "@mayfly/service/testing";
import { expect, it } from "vitest";
import { RedisTime } from "../src/redis-time.ts";

it("[REDIS-3] tells moments by the clock of a shard's Redis, which it asks once a minute", async () => {
  const clock = new ManualClock();
  await clock.advance(500);
  const asked: number[] = [];
  const read = async (_script: unknown, shard: number): Promise<readonly number[]> => {
    asked.push(shard);
    return [1_000_000 * (shard + 1) + clock.monotonicMs()];
  };
  const time = new RedisTime({ clock, read });
  expect(await Promise.all([time.at(0, 700.5), time.at(0, 900), time.at(1, 700)])).toEqual([
    1_000_700, 1_000_900, 2_000_700,
  ]);
  expect(asked).toEqual([0, 1]);
  await clock.advance(59_999);
  await time.at(0, 0);
  expect(asked).toEqual([0, 1]);
  await clock.advance(1);
  await time.at(0, 0);
  expect(asked).toEqual([0, 1, 0]);
  time.forget();
  await time.at(0, 0);
  expect(asked).toEqual([0, 1, 0, 0]);
});

it("[REDIS-3] never tells a moment too late, and asks again after a failure", async () => {
  const clock = new ManualClock();
  let answer: Promise<readonly number[]> = Promise.reject(new Error("away"));
  const time = new RedisTime({ clock, read: () => answer });
  await expect(time.at(0, 0)).rejects.toThrow("away");
  answer = clock.sleep(300).then(() => [1_000_000]);
  const moment = time.at(0, 2_000);
  await clock.advance(300);
  expect(await moment).toBe(1_001_700);
});
