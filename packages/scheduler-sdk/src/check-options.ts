import { schedulerNameSchema } from "@mayfly/task";
import type { SchedulerOptions } from "./scheduler-options.ts";
import { SchedulerError } from "./scheduler-error.ts";

/** @throws SchedulerError `invalid_options` that names everything that is wrong */
export function checkOptions(options: Omit<SchedulerOptions, "store" | "queue">): void {
  const { name, concurrency, leaseMs, holdMs, maxAttempts, stopGraceMs, retry } = options;
  const problems = [
    schedulerNameSchema.safeParse(name).error?.issues.map(({ message }) => `name ${message}`),
    least("concurrency", concurrency, 1),
    least("leaseMs", leaseMs, 100),
    least("holdMs", holdMs, 100),
    least("maxAttempts", maxAttempts, 1),
    least("stopGraceMs", stopGraceMs, 0),
    least("retry.backoffMs", retry?.backoffMs, 1),
    least("retry.maxAttempts", retry?.maxAttempts, 1),
  ].flatMap((problem) => problem ?? []);
  if (problems.length > 0) {
    throw new SchedulerError(
      "invalid_options",
      `The scheduler ${JSON.stringify(name)} cannot be made: ${problems.join("; ")}.`,
    );
  }
}

function least(option: string, value: number | undefined, min: number): string | undefined {
  return value === undefined || (Number.isSafeInteger(value) && value >= min)
    ? undefined
    : `${option} must be a whole number of at least ${min}, not ${value}`;
}
