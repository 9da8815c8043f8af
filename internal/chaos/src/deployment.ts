/** What the instances of one scheduler are started with. */
export interface SchedulerSettings {
  readonly leaseMs: number;
  readonly holdMs: number;
  readonly concurrency: number;
  /** How many failures end a task; more than the faults of a run can cause. */
  readonly maxAttempts: number;
  /** Whether a task that fails runs again. */
  readonly backoffMs?: number;
}

/** The schedulers of a run: one with short leases that returns messages early and retries, one that does neither. */
export const schedulers = {
  swift: { leaseMs: 4_000, holdMs: 1_000, concurrency: 16, maxAttempts: 30, backoffMs: 200 },
  steady: { leaseMs: 8_000, holdMs: 60_000, concurrency: 16, maxAttempts: 30 },
} as const satisfies Readonly<Record<string, SchedulerSettings>>;

/** The name of a scheduler of a run. */
export type SchedulerName = keyof typeof schedulers;

/** The names of the schedulers, in order. */
export const schedulerNames = Object.keys(schedulers) as readonly SchedulerName[];

/** The processes of a run, by name: what each of them runs. */
export const processes = {
  "api-1": { app: "api" },
  "api-2": { app: "api" },
  "swift-1": { app: "scheduler", scheduler: "swift" },
  "swift-2": { app: "scheduler", scheduler: "swift" },
  "steady-1": { app: "scheduler", scheduler: "steady" },
  "steady-2": { app: "scheduler", scheduler: "steady" },
  "timeout-1": { app: "timeout" },
  "timeout-2": { app: "timeout" },
} as const satisfies Readonly<
  Record<string, { readonly app: "api" | "timeout" } | { readonly app: "scheduler"; readonly scheduler: SchedulerName }>
>;

/** The name of a process of a run. */
export type ProcessName = keyof typeof processes;

/** The names of all processes, or of those that run `app`. */
export function processNames(app?: "api" | "scheduler" | "timeout"): readonly ProcessName[] {
  const names = Object.keys(processes) as ProcessName[];
  return app === undefined ? names : names.filter((name) => processes[name].app === app);
}

/** The names of the processes that are instances of a scheduler. */
export function instancesOf(scheduler: SchedulerName): readonly ProcessName[] {
  return processNames("scheduler").filter((name) => name.startsWith(`${scheduler}-`));
}
