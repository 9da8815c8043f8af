import type { SeedReport } from "./seed-report.ts";

/** Adds up the reports of many seeds. */
export class Tally {
  seeds = 0;
  violations = 0;
  failedSeeds = 0;
  readonly #faults = new Map<string, number>();
  readonly #crashPoints = new Map<string, number>();
  #operations = 0;
  #fewestOperations = Number.POSITIVE_INFINITY;
  #fewestFaults = Number.POSITIVE_INFINITY;
  #wiped = 0;

  add(report: SeedReport): void {
    this.seeds++;
    this.violations += report.violations;
    if (report.violations > 0) this.failedSeeds++;
    if (report.isWiped) this.#wiped++;
    this.#operations += report.operations;
    this.#fewestOperations = Math.min(this.#fewestOperations, report.operations);
    this.#fewestFaults = Math.min(this.#fewestFaults, addCounts(this.#faults, report.faults));
    addCounts(this.#crashPoints, report.crashPoints);
  }

  /** What there was in all seeds, a line each. */
  lines(): readonly string[] {
    return [
      `faults: ${formatCounts(this.#faults)}`,
      `deaths at crash points: ${formatCounts(this.#crashPoints)}`,
      `${this.#operations} operations; each seed has at least ${this.#fewestOperations}, and ${this.#fewestFaults} faults; ` +
        `${this.#wiped} seeds have a wipe of the store`,
    ];
  }
}

/** Adds `counts` to `totals`; gives their sum. */
function addCounts(totals: Map<string, number>, counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [name, count] of counts) {
    totals.set(name, (totals.get(name) ?? 0) + count);
    sum += count;
  }
  return sum;
}

/** The most frequent first, such as `pause 12, crash 3`. */
function formatCounts(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort(([a, countOfA], [b, countOfB]) => countOfB - countOfA || (a < b ? -1 : 1));
  return sorted.length === 0 ? "none" : sorted.map(([name, count]) => `${name} ${count}`).join(", ");
}
