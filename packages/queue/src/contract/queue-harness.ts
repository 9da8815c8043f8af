import type { TaskQueue } from "../task-queue.ts";

/** What the contract suite needs of a queue. */
export interface QueueHarness {
  /** Open, and connected. The suite uses queue names that nobody else has. */
  readonly queue: TaskQueue;
  /** How long something may take that is to happen, in milliseconds. */
  readonly patienceMs: number;
  /** Closes the queue and removes its data. */
  close(): Promise<void>;
}
