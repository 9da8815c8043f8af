/**
 * What is used of a Job (batch/v1). Read from the JSON as the API server sends it, and no more of it: a Job carries its
 * task, and there may be thousands.
 */
export interface JobObject {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Mayfly's own; those of others may be many. */
  readonly labels: Readonly<Record<string, string>>;
  /** Mayfly's own; those of others may be large. */
  readonly annotations: Readonly<Record<string, string>>;
  /** In epoch milliseconds. */
  readonly createdAt: number;
  /** It is being removed. */
  readonly isLeaving: boolean;
  /** Whether the cluster has made a pod for it, as far as its own count says. */
  readonly hasHadPods: boolean;
  /** How it ended; undefined while it has not. */
  readonly end: JobEnd | undefined;
}

/** The condition that says how a Job has ended. */
export interface JobEnd {
  readonly type: "Complete" | "Failed";
  /** Such as `BackoffLimitExceeded` or `DeadlineExceeded`. */
  readonly reason: string;
  readonly message: string;
}

/** The metadata that every object has. */
export interface RawMetadata {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A Job's JSON, as far as it is read. */
export interface RawJob {
  readonly metadata: RawMetadata;
  readonly status?: {
    readonly active?: number;
    readonly succeeded?: number;
    readonly failed?: number;
    readonly terminating?: number;
    readonly uncountedTerminatedPods?: { readonly succeeded?: readonly string[]; readonly failed?: readonly string[] };
    readonly conditions?: readonly RawCondition[];
  };
}

/** One of the conditions in a status. */
export interface RawCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** Reads a Job. */
export function jobObject({ metadata, status = {} }: RawJob): JobObject {
  const { uncountedTerminatedPods: uncounted } = status;
  const counts = [status.active, status.succeeded, status.failed, status.terminating];
  return {
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    labels: ownOf(metadata.labels),
    annotations: ownOf(metadata.annotations),
    createdAt: Date.parse(metadata.creationTimestamp),
    isLeaving: metadata.deletionTimestamp !== undefined,
    hasHadPods:
      counts.some((count) => (count ?? 0) > 0) ||
      (uncounted?.succeeded?.length ?? 0) + (uncounted?.failed?.length ?? 0) > 0,
    end: endOf(status.conditions ?? []),
  };
}

function ownOf(marks: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(marks).filter(([name]) => name.startsWith("mayfly.")));
}

function endOf(conditions: readonly RawCondition[]): JobEnd | undefined {
  for (const { type, status, reason = "", message = "" } of conditions)
    if (status === "True" && (type === "Complete" || type === "Failed")) return { type, reason, message };
  return undefined;
}
