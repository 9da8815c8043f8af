import type { IContainerState, IPodStatus } from "kubernetes-models/v1";
import type { Pod } from "../store/api-object.ts";
import { setPodCondition } from "./pod-condition.ts";

/** Why the kubelet has ended a pod: its containers' exits say nothing then. */
export interface PodEnding {
  readonly reason: "Evicted" | "DeadlineExceeded";
  readonly message: string;
}

/** What the kubelet knows of a pod. */
export interface PodObservation {
  /** The state of each container, by name. */
  readonly states: ReadonlyMap<string, IContainerState>;
  readonly ending?: PodEnding | undefined;
  /** It has ended before its containers have begun. */
  readonly isOver?: boolean;
}

/** Writes into the status of a pod what the kubelet knows. */
export function setPodStatus(pod: Pod, { states, ending, isOver = false }: PodObservation, now: string): void {
  const { status, spec } = pod;
  const all = spec.containers.map(({ name }) => states.get(name) ?? {});
  status.startTime ??= now;
  status.hostIP = "127.0.0.1";
  status.phase = isOver || ending ? "Failed" : phaseOf(all);
  if (ending) {
    status.reason = ending.reason;
    status.message = ending.message;
  }
  status.containerStatuses = spec.containers.map(({ name, image = "" }) => {
    const state = states.get(name) ?? {};
    const isRunning = state.running !== undefined;
    const containerID = `containerd://${pod.metadata.uid}-${name}`;
    const hasBegun = isRunning || state.terminated !== undefined;
    return {
      name,
      image,
      imageID: hasBegun ? image : "",
      ready: isRunning,
      started: isRunning,
      restartCount: 0,
      state,
      lastState: {},
      ...(hasBegun && { containerID }),
    };
  });
  const isReady = status.phase === "Running";
  setPodCondition(pod, { type: "Initialized", status: "True" }, now);
  for (const type of ["Ready", "ContainersReady"])
    setPodCondition(pod, { type, ...(isReady ? { status: "True" } : unready(status, all)) }, now);
  if (ending?.reason !== "Evicted") return;
  const disruption = { type: "DisruptionTarget", status: "True", reason: "TerminationByKubelet" };
  setPodCondition(pod, { ...disruption, message: ending.message }, now);
}

/** @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase */
function phaseOf(states: readonly IContainerState[]): NonNullable<IPodStatus["phase"]> {
  if (states.every(({ terminated }) => terminated !== undefined))
    return states.every(({ terminated }) => terminated?.exitCode === 0) ? "Succeeded" : "Failed";
  return states.some(({ running, terminated }) => running ?? terminated) ? "Running" : "Pending";
}

function unready({ phase }: IPodStatus, states: readonly IContainerState[]): { status: string; reason: string } {
  const hasEnded = states.every(({ terminated }) => terminated !== undefined);
  const reason = phase === "Failed" ? "PodFailed" : hasEnded ? "PodCompleted" : "ContainersNotReady";
  return { status: "False", reason };
}
