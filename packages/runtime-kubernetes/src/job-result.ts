import { constants } from "node:os";
import type { Result } from "@mayfly/runtime";
import type { JobEnd, JobObject } from "./job-object.ts";
import type { ContainerState, PodObject } from "./pod-object.ts";

type EndedContainer = Extract<ContainerState, { readonly status: "ended" }>;

/** Programs that never ran: the node could not start them. */
const startErrors: ReadonlySet<string> = new Set(["StartError", "ContainerCannotRun"]);

/** What a kubelet and a container engine say when they have lost a container, as after a crash of the node. */
const unknownEnds: ReadonlySet<string> = new Set(["ContainerStatusUnknown", "Unknown"]);

/**
 * How the work of a Job that has ended ended, by the cluster's own record of it.
 *
 * A pod that is being removed does not count: whoever asks a moment later does not see it, and must get the same answer.
 */
export function resultOf(job: JobObject, end: JobEnd, pods: readonly PodObject[]): Result {
  if (end.type === "Complete") return { status: "complete" };
  if (end.reason === "DeadlineExceeded")
    return { status: "failed", reason: "failed", message: "The work was ended at its deadline by the cluster." };
  const pod = pods.find(({ isLeaving, hasEnded }) => !isLeaving && hasEnded);
  if (pod !== undefined) return podResult(pod);
  const disrupted = pods.find(({ disruption }) => disruption !== undefined);
  return disrupted === undefined
    ? lost(`The pod of the Job ${job.name} was stopped or removed before its work had ended.`)
    : podResult(disrupted);
}

/** For a Job that is there no more. */
export function goneResult(name: string): Result {
  return lost(`The Job ${name} is gone: it was removed before its end was read.`);
}

/** How the work of a pod ended: its container's exit, unless the pod was given up. Other containers do not count. */
export function podResult({ name, reason, message, disruption, container }: PodObject): Result {
  if (reason === "DeadlineExceeded")
    return { status: "failed", reason: "failed", message: "The work was ended at its deadline by the cluster." };
  if (reason !== undefined) return lost(`The pod ${name} was given up by its node. ${said(reason, message ?? "")}`);
  if (disruption !== undefined)
    return lost(`The pod ${name} was ended by the cluster. ${said(disruption.reason, disruption.message)}`);
  if (container.status !== "ended") return lost(`The pod ${name} has failed and does not say how.`);
  if (unknownEnds.has(container.reason)) return lost(`The node of the pod ${name} does not know how it ended.`);
  if (startErrors.has(container.reason))
    return lost(`The pod ${name} could not start its command. ${said(container.reason, container.message)}`);
  return container.exitCode === 0 ? { status: "complete" } : failure(container);
}

function failure({ exitCode, signal: number, reason }: EndedContainer): Result {
  const isOutOfMemory = reason === "OOMKilled";
  const signal = signalOf(number ?? exitCode - 128);
  const how = signal === undefined ? `with code ${exitCode}` : `by ${signal}`;
  return {
    status: "failed",
    reason: "failed",
    message: isOutOfMemory ? `The work ran out of memory and ended ${how}.` : `The work ended ${how}.`,
    exitCode,
    ...(signal === undefined ? {} : { signal }),
    ...(isOutOfMemory ? { oomKilled: true } : {}),
  };
}

function signalOf(wanted: number): string | undefined {
  return Object.entries(constants.signals).find(([, number]) => number === wanted)?.[0];
}

function lost(message: string): Result {
  return { status: "failed", reason: "runtime", message };
}

function said(reason: string, message: string): string {
  return message === "" ? reason : `${reason}: ${message}`;
}
