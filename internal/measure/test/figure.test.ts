import { describe, expect, it } from "vitest";
import { figuresOf, isBroken, tableOf } from "../src/figure.ts";
import { readRequest } from "../src/measurement.ts";
import { spreadOf } from "../src/spread.ts";

describe("measuring", () => {
  it("[MEAS-1] calls a promise broken when a figure is above its limit, differs, or could not be measured", () => {
    const values = [10, 10.1, Number.NaN, "10"];
    expect(values.map((value) => isBroken({ name: "", value, promised: 10 }))).toEqual([false, true, true, true]);
    expect(["running", "done"].map((value) => isBroken({ name: "", value, promised: "running" }))).toEqual([
      false,
      true,
    ]);
    expect(isBroken({ name: "", value: 10 })).toBe(false);
  });

  it("[MEAS-1] shows figures in a table, with what is promised", () => {
    const figures = [
      { name: "time", value: 1.2345, unit: "s", promised: 1 },
      { name: "state", value: "done", promised: "done" },
      { name: "tasks", value: 3 },
    ];
    expect(tableOf(figures).split("\n")).toEqual([
      "| figure | measured | promised |        |",
      "| ------ | -------- | -------- | ------ |",
      "| time   | 1.23 s   | ≤ 1 s    | BROKEN |",
      "| state  | done     | done     | kept   |",
      "| tasks  | 3        |          |        |",
    ]);
  });

  it("[MEAS-1] takes percentiles as the smallest value that so many are not above", () => {
    expect(spreadOf([3])).toEqual({ count: 1, p50: 3, p99: 3, max: 3 });
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(spreadOf(hundred)).toEqual({ count: 100, p50: 50, p99: 99, max: 100 });
    expect(figuresOf("it", spreadOf(hundred), "s", 98).map(isBroken)).toEqual([false, true, false]);
    expect(figuresOf("it", spreadOf([]), "s", 98).map(isBroken)).toEqual([false, true, false]);
  });

  it("[MEAS-1] takes the numbers that are given, and says how it is used otherwise", () => {
    expect(readRequest(["recovery", "2"])).toMatchObject({ numbers: [2, 30] });
    for (const wrong of [[], ["none"], ["toString"], ["backlog", "many"], ["backlog", "1", "2"], ["backlog", "-1"]]) {
      expect(readRequest(wrong)).toContain("npm run measure -- held-deliveries [busy seconds, 180]");
    }
  });
});
