/** The figures of a simulated deployment, in milliseconds: short ones, so that much happens in little time. */
export const settings = {
  /** For how long operations and faults go on. */
  activeMs: 45_000,
  /** For how long everything may take to end once nothing goes wrong any more. */
  settleMs: 300_000,
  leaseMs: 6_000,
  holdMs: 4_000,
  stopGraceMs: 1_000,
  drainGraceMs: 4_000,
  sweepMs: 1_000,
  reannounceAfterMs: 30_000,
  retentionMs: 600_000,
  /** After how long a call to the store has failed, and a publish is given up. */
  callTimeoutMs: 1_000,
  publishTimeoutMs: 3_000,
  maxAttempts: 3,
} as const;
