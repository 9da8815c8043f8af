import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { type CrashPoint, crashPointChannel } from "@mayfly/service";
import { z } from "zod";

/** Where a process is to die: at the `passage`-th time (from 1) that it passes `step`. */
export interface ArmedCrashPoint {
  readonly step: CrashPoint;
  readonly passage: number;
}

/** A record, so that one that is forgotten does not compile. */
const known: Readonly<Record<CrashPoint, true>> = {
  "dispatcher.before_store_write": true,
  "dispatcher.after_store_write": true,
  "dispatcher.after_publish": true,
  "dispatcher.after_confirm": true,
  "dispatcher.before_reply": true,
  "scheduler.after_delivery": true,
  "scheduler.after_claim": true,
  "scheduler.after_start": true,
  "scheduler.while_running": true,
  "scheduler.after_end": true,
  "scheduler.after_finish": true,
  "sweeper.after_taking": true,
  "sweeper.after_publish": true,
  "sweeper.after_expire": true,
  "sweeper.after_recover": true,
  "sweeper.after_reannounce": true,
  "sweeper.after_dead_letter": true,
};

/** All steps at which a process can be made to die. */
const crashPoints: readonly CrashPoint[] = Object.keys(known).filter(isCrashPoint);

/** `<step>`, or `<step>:<n>` for its n-th passage. */
export const crashPointVariable: z.ZodType<ArmedCrashPoint, string> = z
  .string()
  .transform((text) => /^([^:]*)(?::([1-9]\d{0,8}))?$/.exec(text))
  .transform((match) => ({ step: match?.[1] ?? "", passage: Number(match?.[2] ?? 1) }))
  .refine((armed): armed is ArmedCrashPoint => isCrashPoint(armed.step), {
    error: `must be <step> or <step>:<passage>, where <step> is one of ${crashPoints.join(", ")}`,
  });

/**
 * Calls `die` when this process passes `armed` for the given time. What is told is not undone: `die` is called before
 * the step after it begins.
 *
 * @returns disarms it
 */
export function armCrashPoint(armed: ArmedCrashPoint, die: () => void): () => void {
  let passages = 0;
  const onPassage = (step: unknown): void => {
    if (step === armed.step && ++passages === armed.passage) die();
  };
  subscribe(crashPointChannel, onPassage);
  return () => void unsubscribe(crashPointChannel, onPassage);
}

/** Ends this process with SIGKILL, and does not return: not even the next line of JavaScript runs. */
export function killThisProcess(): void {
  process.kill(process.pid, "SIGKILL");
  // The signal may take a moment to arrive.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function isCrashPoint(step: string): step is CrashPoint {
  return Object.hasOwn(known, step);
}
