import type { RawCondition, RawMetadata } from "./job-object.ts";

/** The one container of each pod. */
export const containerName = "task";

/** What is used of a pod (core/v1) of a Job. */
export interface PodObject {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** The Job that it belongs to. */
  readonly jobUid: string;
  /** It is being removed: somebody has deleted it, or the cluster has. */
  readonly isLeaving: boolean;
  /** Its work has ended, or will never begin. */
  readonly hasEnded: boolean;
  /** Such as `Evicted`: why the node gave it up. */
  readonly reason: string | undefined;
  readonly message: string | undefined;
  /** Why the cluster has ended it in favor of something else. */
  readonly disruption: { readonly reason: string; readonly message: string } | undefined;
  /** Why no node takes it. */
  readonly unschedulable: string | undefined;
  readonly container: ContainerState;
}

/** How the container of a pod fares. */
export type ContainerState =
  | { readonly status: "waiting"; readonly reason: string; readonly message: string }
  | { readonly status: "running" }
  | {
      readonly status: "ended";
      readonly exitCode: number;
      /** The number of the signal that ended it, where the node says so. */
      readonly signal: number | undefined;
      /** Such as `Completed`, `Error`, `OOMKilled`, `StartError`. */
      readonly reason: string;
      readonly message: string;
    };

/** A pod's JSON, as far as it is read. */
export interface RawPod {
  readonly metadata: RawMetadata;
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly RawCondition[];
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly state?: {
        readonly waiting?: { readonly reason?: string; readonly message?: string };
        readonly running?: object;
        readonly terminated?: {
          readonly exitCode: number;
          readonly signal?: number;
          readonly reason?: string;
          readonly message?: string;
        };
      };
    }[];
  };
}

/** The label that the Job controller puts on each pod. */
export const jobUidLabel = "batch.kubernetes.io/controller-uid";

/** Reads a pod. */
export function podObject({ metadata, status = {} }: RawPod): PodObject {
  const unscheduled = conditionOf(status.conditions, "PodScheduled", "False");
  const disrupted = conditionOf(status.conditions, "DisruptionTarget", "True");
  return {
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    jobUid: metadata.labels?.[jobUidLabel] ?? "",
    isLeaving: metadata.deletionTimestamp !== undefined,
    hasEnded: status.phase === "Succeeded" || status.phase === "Failed",
    reason: status.reason,
    message: status.message,
    disruption: disrupted && { reason: disrupted.reason ?? "", message: disrupted.message ?? "" },
    unschedulable: unscheduled && `${unscheduled.reason ?? ""}: ${unscheduled.message ?? ""}`,
    container: containerOf(status),
  };
}

function containerOf({ containerStatuses = [] }: NonNullable<RawPod["status"]>): ContainerState {
  const state = containerStatuses.find(({ name }) => name === containerName)?.state;
  if (state?.terminated !== undefined) {
    const { exitCode, signal, reason = "", message = "" } = state.terminated;
    return { status: "ended", exitCode, signal: signal === 0 ? undefined : signal, reason, message };
  }
  if (state?.running !== undefined) return { status: "running" };
  return { status: "waiting", reason: state?.waiting?.reason ?? "", message: state?.waiting?.message ?? "" };
}

function conditionOf(
  conditions: readonly RawCondition[] | undefined,
  wanted: string,
  value: "True" | "False",
): RawCondition | undefined {
  return conditions?.find(({ type, status }) => type === wanted && status === value);
}
