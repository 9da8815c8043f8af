import { expect, it } from "vitest";
import { Gaps } from "../src/in-memory/gaps.ts";

const dayMs = 24 * 3_600_000;

it("[STORE-58] has what was scheduled in a span, its ends included, and nothing else", () => {
  const gaps = new Gaps();
  expect(gaps.has(0, 0)).toBe(false);
  gaps.add(10, 20);
  gaps.add(40, 50);
  const had = [0, 9, 10, 15, 20, 21, 39, 40, 50, 51].filter((at) => gaps.has(at, 60));
  expect(had).toEqual([10, 15, 20, 40, 50]);
});

it("[STORE-58] drops each span thirty days after its end", () => {
  const gaps = new Gaps();
  gaps.add(0, 10);
  gaps.add(0, 20);
  expect(gaps.has(5, 30 * dayMs + 19)).toBe(true);
  expect(gaps.has(5, 30 * dayMs + 20)).toBe(false);
});
