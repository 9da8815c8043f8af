/**
 * The steps between which a process may die: one for each that the protocol tells apart. `dispatcher` is what the API
 * does, `scheduler` what an instance does, `sweeper` what the timeout daemon does.
 */
export type CrashPoint =
  | "dispatcher.before_store_write"
  | "dispatcher.after_store_write"
  | "dispatcher.after_publish"
  | "dispatcher.after_confirm"
  | "dispatcher.before_reply"
  | "scheduler.after_delivery"
  | "scheduler.after_claim"
  | "scheduler.after_start"
  | "scheduler.while_running"
  | "scheduler.after_end"
  | "scheduler.after_finish"
  | "sweeper.after_taking"
  | "sweeper.after_publish"
  | "sweeper.after_expire"
  | "sweeper.after_recover"
  | "sweeper.after_reannounce"
  | "sweeper.after_dead_letter";

/** The diagnostics channel on which every crash point is told; a message is a {@link CrashPoint}. */
export const crashPointChannel = "mayfly:crash-point";

/**
 * Marks a step at which this process may die. Inert unless something subscribes to {@link crashPointChannel}: a test
 * arms a point by subscribing with what ends the process. Subscribers are called before this returns.
 */
export function crashPoint(step: CrashPoint): void {
  // Looked up at each call, so that a browser can load this module.
  const diagnostics = globalThis.process?.getBuiltinModule?.("node:diagnostics_channel");
  const channel = diagnostics?.channel(crashPointChannel);
  if (channel?.hasSubscribers) channel.publish(step);
}
