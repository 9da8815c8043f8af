import { parseArgs } from "node:util";

/** Which simulations are to be run. */
export interface SeedRange {
  /** The first seed. */
  readonly seed: number;
  /** How many. */
  readonly seeds: number;
  /** Whether the whole trace is to be shown. */
  readonly isVerbose: boolean;
}

const usage =
  "Usage: npm run simulate -- [--seed N] [--seeds M] [--verbose]   (N from 0, M from 1; 1,000 seeds from 0)";

/** What the command line says, or what is wrong with it. One seed is run when only `--seed` is given. */
export function readArguments(given: readonly string[]): SeedRange | string {
  try {
    const { values } = parseArgs({
      args: [...given],
      options: { seed: { type: "string" }, seeds: { type: "string" }, verbose: { type: "boolean" } },
    });
    const seed = Number(values.seed ?? 0);
    const seeds = Number(values.seeds ?? (values.seed === undefined ? 1_000 : 1));
    if (!Number.isSafeInteger(seed) || seed < 0 || !Number.isSafeInteger(seeds) || seeds < 1) return usage;
    return { seed, seeds, isVerbose: values.verbose ?? false };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${usage}`;
  }
}
