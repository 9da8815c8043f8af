import type { Result } from "@mayfly/runtime";
import type { ResultFile } from "./result-file.ts";

/** How a command ended. */
export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly file: ResultFile;
  readonly rejectExitCodes: readonly number[];
  /** Whether the runtime told it to end because its time was over. */
  readonly isOverdue: boolean;
}

/**
 * The result of a command: complete for exit code 0, with what it wrote into the result file as its value; else failed,
 * with what it wrote there as its message.
 */
export function resultOf({ exitCode, signal, file, rejectExitCodes, isOverdue }: ProcessEnd): Result {
  const record = { ...(exitCode === null ? {} : { exitCode }), ...(signal === null ? {} : { signal }) };
  if (isOverdue) return { status: "failed", reason: "failed", message: "The task's time was over.", ...record };
  if (exitCode === 0) {
    if (file.status === "unusable") return { status: "failed", reason: "failed", message: file.message, ...record };
    return file.status === "value" ? { status: "complete", value: file.value } : { status: "complete" };
  }
  const how = signal === null ? `The command ended with exit code ${exitCode}.` : `The command was ended by ${signal}.`;
  const reason = exitCode !== null && rejectExitCodes.includes(exitCode) ? "rejected" : "failed";
  return { status: "failed", reason, message: saidIn(file) ?? how, ...record };
}

/** What a command says about its failure: a string, or an object's member `message`. */
function saidIn(file: ResultFile): string | undefined {
  if (file.status !== "value") return undefined;
  const { value } = file;
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { message } = value as { readonly message?: unknown };
  return typeof message === "string" ? message : undefined;
}
