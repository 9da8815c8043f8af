import { systemClock } from "@mayfly/service";
import { ManualClock } from "@mayfly/service/testing";
import { expect, it } from "vitest";
import { fromSharedMs, toSharedMs } from "../src/lease-thread/shared-time.ts";

it("[REDIS-40] carries moments from one thread's clock to another's, whatever their origins are", () => {
  const other = new ManualClock();
  const sharedMs = toSharedMs(systemClock, systemClock.monotonicMs() - 60_000);
  // How exact it is depends on how long the lines between two readings take.
  expect(Math.abs(fromSharedMs(other, sharedMs) + 60_000)).toBeLessThan(1_000);
  const backMs = fromSharedMs(systemClock, toSharedMs(other, 5_000));
  expect(Math.abs(backMs - systemClock.monotonicMs() - 5_000)).toBeLessThan(1_000);
});
