/** Which seeds a thread runs: `first`, `first + step`, … up to `last`. */
export interface SeedShare {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/** What a thread says of a seed. */
export interface SeedReport {
  readonly seed: number;
  readonly isWiped: boolean;
  /** How many there were. */
  readonly violations: number;
  readonly operations: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly crashPoints: ReadonlyMap<string, number>;
  /** What to show of a seed that failed. */
  readonly failure: readonly string[];
}
