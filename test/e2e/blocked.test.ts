import type { LogLine } from "@mayfly/test-services";
import { expect, it } from "vitest";
import { System } from "./system.ts";

const leaseMs = 5_000;
const blockMs = 8_000;
const warning = "event loop blocked: run what computes without a pause in processes or in a pool of workers";

it("[SDK-52] a handler that blocks the event loop for longer than its lease keeps its task, and is named", async () => {
  await using system = await System.start();
  const env = { MAYFLY_LEASE_MS: String(leaseMs) };
  const first = await system.startScheduler(env);
  const scheduledAtMs = performance.now();
  const id = await system.scheduled("block", { ms: blockMs });
  await system.reaches(id, "running");
  // Another one that would take the task, were its lease to end.
  const second = await system.startScheduler(env);
  expect(await system.done(id)).toMatchObject({ outcome: "complete", attempt: 1 });

  // A machine that is busy blocks loops as well, though not for so long.
  const isIt = ({ msg, blockedMs }: LogLine): boolean => msg === warning && Number(blockedMs) >= blockMs - 500;
  const warned = await first.waitFor(isIt);
  expect(warned["tasks"]).toEqual([id]);
  // Not longer than it can have been: what a busy machine adds to the block is seen from here, too.
  expect(warned["blockedMs"]).toBeLessThanOrEqual(performance.now() - scheduledAtMs);
  expect([first, second].flatMap(({ logs }) => logs.filter(isIt))).toEqual([warned]);
  // It is as good as new.
  expect(await system.done(await system.scheduled("hello", { name: "you" }))).toMatchObject({ outcome: "complete" });
});
