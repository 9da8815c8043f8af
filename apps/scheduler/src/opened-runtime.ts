import type { Runtime } from "@mayfly/scheduler-sdk";

/** A runtime that can be given tasks. */
export interface OpenedRuntime {
  readonly runtime: Runtime;
  /** Ends its connections; what it has started and what outlives this process runs on. */
  close(): void;
}

/**
 * A runtime whose settings are good. Called, it reaches its environment, and waits for one that is away until `signal`
 * fires: then it rejects.
 */
export type OpenRuntime = (signal: AbortSignal) => Promise<OpenedRuntime>;
