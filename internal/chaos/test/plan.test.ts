import { taskIdSchema } from "@mayfly/task";
import { expect, it } from "vitest";
import { faultKinds, planFaults } from "../src/fault-plan.ts";
import { planTasks } from "../src/task-plan.ts";

it("[CHAOS-2] plans the same tasks and faults for the same seed, and others for another", () => {
  expect(planTasks(7, 200)).toEqual(planTasks(7, 200));
  expect(planFaults(7, 50)).toEqual(planFaults(7, 50));
  expect(planTasks(8, 200)).not.toEqual(planTasks(7, 200));
  expect(planFaults(8, 50)).not.toEqual(planFaults(7, 50));
});

it("[CHAOS-2] plans every kind of fault before any comes again, or only those that it is told to", () => {
  const kinds = planFaults(1, faultKinds.length).map(({ kind }) => kind);
  expect([...kinds].sort()).toEqual([...faultKinds].sort());
  const some = planFaults(1, 20, { only: ["purge-queue", "delete-queue"] }).map(({ kind }) => kind);
  expect(new Set(some)).toEqual(new Set(["purge-queue", "delete-queue"]));
});

it("plans tasks of every kind, each under an id of its own", () => {
  const tasks = planTasks(1, 2_000);
  expect(new Set(tasks.map(({ id }) => id)).size).toBe(2_000);
  expect(tasks.every(({ id }) => taskIdSchema.safeParse(id).success)).toBe(true);
  expect(new Set(tasks.map(({ kind }) => kind)).size).toBe(6);
  expect(tasks.filter(({ kind }) => kind === "flaky").every(({ scheduler }) => scheduler === "swift")).toBe(true);
  expect(tasks.filter(({ kind }) => kind === "fail").every(({ scheduler }) => scheduler === "steady")).toBe(true);
  const overdue = tasks.filter(({ kind }) => kind === "overdue");
  expect(overdue.every(({ timeoutInMs, attributes }) => Number(attributes["ms"]) > timeoutInMs + 1_000)).toBe(true);
});
