import { randomUUID } from "node:crypto";
import { ManualClock } from "@mayfly/service/testing";
import { expect, it } from "vitest";
import { Gaps } from "../src/in-memory/gaps.ts";
import { InMemoryStore } from "../src/in-memory-store.ts";

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

it("[STORE-83] is empty once the last span has been dropped", () => {
  const gaps = new Gaps();
  gaps.add(0, 10);
  gaps.add(0, 20);
  expect(gaps.isEmpty(30 * dayMs + 19)).toBe(false);
  expect(gaps.isEmpty(30 * dayMs + 20)).toBe(true);
});

it("[STORE-83] lets the store in memory know that a task is gone that it has nothing of", async () => {
  const clock = new ManualClock();
  const store = new InMemoryStore({ clock });
  const id = randomUUID();
  expect(await store.currentRun(id)).toEqual({ answer: "unknown" });
  await clock.advance(30 * dayMs);
  expect(await store.currentRun(id)).toEqual({ answer: "gone" });
  store.wipe();
  expect(await store.currentRun(id)).toEqual({ answer: "unknown" });
});
