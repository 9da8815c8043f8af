import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { fullJitterMs, systemClock } from "../src/index.ts";
import { ManualClock } from "../src/testing.ts";

describe("ManualClock", () => {
  it("[SERV-2] fires timers in the order of their time, also those set on the way", async () => {
    const clock = new ManualClock();
    const fired: string[] = [];
    clock.setTimer(20, () => fired.push("20"));
    clock.setTimer(10, () => {
      fired.push("10");
      clock.setTimer(5, () => fired.push("15"));
    });
    clock.setTimer(30, () => fired.push("30"));
    await clock.advance(20);
    expect(fired).toEqual(["10", "15", "20"]);
    expect(clock.pendingTimers).toBe(1);
  });

  it("[SERV-2] forgets a cancelled timer", async () => {
    const clock = new ManualClock();
    let isFired = false;
    clock.setTimer(1, () => (isFired = true)).cancel();
    await clock.advance(10);
    expect(isFired).toBe(false);
  });
});

describe("sleep", () => {
  it("[SERV-2] ends at its time, or at once when its signal fires, and leaves neither timer nor listener", async () => {
    const clock = new ManualClock();
    const stop = new AbortController();
    const long = clock.sleep(1_000, { signal: stop.signal });
    stop.abort();
    await long;
    await clock.sleep(1_000, { signal: stop.signal });
    expect(clock.pendingTimers).toBe(0);
    const running = new AbortController();
    const short = clock.sleep(5, { signal: running.signal });
    await clock.advance(5);
    await short;
    expect(getEventListeners(running.signal, "abort")).toEqual([]);
  });

  it("[SERV-2] takes a delay longer than Node's timers do", async () => {
    const stop = new AbortController();
    let isOver = false;
    const sleeping = systemClock.sleep(2 ** 31 + 1_000, { signal: stop.signal }).then(() => (isOver = true));
    await systemClock.sleep(20);
    expect(isOver).toBe(false);
    stop.abort();
    await sleeping;
  });
});

describe("fullJitterMs", () => {
  it("[SERV-3] grows twofold up to its limit, and spreads from 0", () => {
    const options = { baseMs: 100, maxMs: 1_000 };
    expect([0, 1, 2, 3, 4, 99].map((n) => fullJitterMs(n, { ...options, random: () => 1 }))).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
    expect(fullJitterMs(3, { ...options, random: () => 0 })).toBe(0);
  });
});
