import { constants } from "node:os";
import type { Result } from "@mayfly/runtime";
import type { ContainerInspectInfo } from "dockerode";

/** What an engine that died left undated: the year 1. */
const never = /^0001-/;

/** How the work of a container ended, by the engine's own record of it; undefined while it has not ended. */
export function resultOf(name: string, state: ContainerInspectInfo["State"]): Result | undefined {
  switch (state.Status) {
    case "running":
    case "paused":
    case "restarting":
      return undefined;
    case "removing":
    case "dead":
      return goneResult(name);
  }
  if (state.Status === "created") {
    const reason = state.Error === "" ? "It was never started." : state.Error;
    return { status: "failed", reason: "runtime", message: `The container ${name} did not run. ${reason}` };
  }
  if (never.test(state.FinishedAt))
    return {
      status: "failed",
      reason: "runtime",
      message: `The container ${name} ended with the engine, which does not know how.`,
    };
  if (state.Error !== "")
    return {
      status: "failed",
      reason: "runtime",
      message: `The container ${name} failed: ${state.Error}`,
      exitCode: state.ExitCode,
    };
  return state.ExitCode === 0 ? { status: "complete" } : failure(state);
}

/** For a container that is there no more, or is just being removed. */
export function goneResult(name: string): Result {
  return {
    status: "failed",
    reason: "runtime",
    message: `The container ${name} is gone: it was removed before its end was read.`,
  };
}

function failure({ ExitCode: exitCode, OOMKilled: isOutOfMemory }: ContainerInspectInfo["State"]): Result {
  const signal = signalOf(exitCode);
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

/** A process that a signal ended has the code 128 + its number. */
function signalOf(exitCode: number): string | undefined {
  const number = exitCode - 128;
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
}
