import { parentPort, workerData } from "node:worker_threads";
import { failureLines } from "./failure-lines.ts";
import type { SeedReport, SeedShare } from "./seed-report.ts";
import { simulate } from "./simulate.ts";

/** Runs every so many-th seed of a range in a thread of its own, and posts a {@link SeedReport} of each. */
const { first, last, step } = workerData as SeedShare;
for (let seed = first; seed <= last; seed += step) {
  const { isWiped, violations, operations, faults, crashPoints, ...rest } = await simulate(seed);
  const failure = violations.length === 0 ? [] : failureLines({ seed, isWiped, violations, explain: rest.explain });
  const report: SeedReport = { seed, isWiped, violations: violations.length, operations, faults, crashPoints, failure };
  parentPort?.postMessage(report);
}
