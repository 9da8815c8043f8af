import { type CrashPoint, crashPoint } from "@mayfly/service";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { armCrashPoint, crashPointVariable } from "../src/armed-crash-point.ts";
import { ConfigError, parseEnv } from "../src/index.ts";

const schema = z.object({ MAYFLY_CRASH_POINT: crashPointVariable.optional() });

describe("MAYFLY_CRASH_POINT", () => {
  it.each([
    ["sweeper.after_publish", 1],
    ["sweeper.after_publish:3", 3],
  ])("[APP-8] takes %s", (text, passage) => {
    const { MAYFLY_CRASH_POINT } = parseEnv(schema, { MAYFLY_CRASH_POINT: text });
    expect(MAYFLY_CRASH_POINT).toEqual({ step: "sweeper.after_publish", passage });
  });

  it.each(["sweeper.sometime", "sweeper.after_publish:0", "sweeper.after_publish:", ":1", "toString", "x:y:z"])(
    "[APP-8] refuses %s, and says which steps there are",
    (text) => {
      const read = (): unknown => parseEnv(schema, { MAYFLY_CRASH_POINT: text });
      expect(read).toThrow(ConfigError);
      expect(read).toThrow(/MAYFLY_CRASH_POINT: must be <step>.*dispatcher\.before_store_write.*sweeper/);
    },
  );
});

describe("armCrashPoint", () => {
  function deathsAt(step: CrashPoint, passage: number, passed: readonly CrashPoint[]): readonly number[] {
    const deaths: number[] = [];
    let count = 0;
    const disarm = armCrashPoint({ step, passage }, () => void deaths.push(count));
    for (const one of passed) {
      count++;
      crashPoint(one);
    }
    disarm();
    crashPoint(step);
    return deaths;
  }

  it("[APP-8] ends the process at the passage that was named, during it, and at no other", () => {
    const passed = ["scheduler.after_claim", "scheduler.after_start", "scheduler.after_claim"] as const;
    expect(deathsAt("scheduler.after_claim", 1, passed)).toEqual([1]);
    expect(deathsAt("scheduler.after_claim", 2, [...passed, "scheduler.after_claim"])).toEqual([3]);
    expect(deathsAt("scheduler.after_end", 1, passed)).toEqual([]);
  });
});
