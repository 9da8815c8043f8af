/**
 * What is sent through a queue to tell a scheduler of a task: the task itself and what is needed to decide about it if
 * its record should be missing. Any number of copies may be under way; the claim decides which of them counts.
 */
export interface Announcement {
  readonly id: string;
  /** The name of the scheduler, and of its queue. */
  readonly scheduler: string;
  /** The Task as JSON text, exactly as it was scheduled. */
  readonly body: string;
  /** Changes each time that the task is to be announced anew; says which announcement a broker's confirm belongs to. */
  readonly token: string;
  /** When the task was scheduled, in epoch milliseconds by the store's clock. */
  readonly scheduledAt: number;
  /** The number of the latest claim, 0 before the first. */
  readonly attempt: number;
  /** W3C Trace Context of the request that scheduled the task. */
  readonly traceparent?: string | undefined;
}
