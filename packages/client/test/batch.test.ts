import { describe, expect, it } from "vitest";
import { batchesOf } from "../src/batch.ts";

const task = (text: string): { scheduler: string; attributes: { text: string } } => ({
  scheduler: "hello",
  attributes: { text },
});

describe("batchesOf", () => {
  it("[CLIENT-6] cuts by bytes as UTF-8 counts them, and keeps the order", () => {
    const tasks = ["a", "é".repeat(400), "é".repeat(400), "b", "x".repeat(900), "c"].map(task);
    const batches = [...batchesOf(tasks, { maxTasks: 100, maxBytes: 1_250 })];
    expect(batches.flat()).toEqual(tasks);
    expect(batches.length).toBeGreaterThan(1);
    for (const batch of batches) {
      expect(Buffer.byteLength(JSON.stringify({ tasks: batch }))).toBeLessThanOrEqual(1_250);
    }
  });

  it("[CLIENT-6] sends a task that is too large by itself, so that the API can refuse it alone", () => {
    const tasks = ["x".repeat(5_000), "a", "x".repeat(5_000), "b"].map(task);
    expect([...batchesOf(tasks, { maxTasks: 100, maxBytes: 1_000 })].map((batch) => batch.length)).toEqual([
      1, 1, 1, 1,
    ]);
  });
});
