import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { SeedRange } from "./read-arguments.ts";
import type { SeedReport, SeedShare } from "./seed-report.ts";
import { Tally } from "./tally.ts";

/** The pause between two lines of progress, in milliseconds. */
const progressMs = 3_000;

/** A seed leaves much garbage and keeps little: a large nursery halves the time that it takes to clean up. */
const maxYoungGenerationSizeMb = 64;

/** So many failing seeds are shown at length. */
const shownSeeds = 5;

/**
 * Runs the simulations of a range, a share of them in a thread for each processor, and tells of them line by line.
 *
 * @param worker - the module of a thread
 * @returns how many violations there were
 */
export async function runSeeds(range: SeedRange, worker: URL, write: (line: string) => void): Promise<number> {
  const tally = new Tally();
  const startedMs = performance.now();
  let toldMs = startedMs;
  const secondsSince = (sinceMs: number): number => (performance.now() - sinceMs) / 1_000;
  const take = (report: SeedReport): void => {
    tally.add(report);
    if (report.violations > 0 && tally.failedSeeds <= shownSeeds) for (const line of report.failure) write(line);
    if (performance.now() - toldMs < progressMs) return;
    toldMs = performance.now();
    const speed = (tally.seeds / secondsSince(startedMs)).toFixed(1);
    write(`${tally.seeds} of ${range.seeds} seeds, ${speed} a second, ${tally.violations} violations`);
  };
  const step = Math.min(availableParallelism(), range.seeds);
  const last = range.seed + range.seeds - 1;
  const shares = Array.from({ length: step }, (_, index) => ({ first: range.seed + index, last, step }));
  await Promise.all(shares.map((share) => runShare(worker, share, take)));
  for (const line of tally.lines()) write(line);
  write(`${tally.seeds} seeds, ${tally.violations} violations (${secondsSince(startedMs).toFixed(1)} s)`);
  return tally.violations;
}

function runShare(module: URL, share: SeedShare, take: (report: SeedReport) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(module, { workerData: share, resourceLimits: { maxYoungGenerationSizeMb } });
    worker.on("message", take);
    worker.once("error", reject);
    worker.once("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`A thread of the simulation has ended with code ${code}.`));
    });
  });
}
