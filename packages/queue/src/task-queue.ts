import type { Announcement } from "@mayfly/task";

/**
 * Hands tasks to schedulers: a durable queue per scheduler name, each message to one of the instances that consume it.
 *
 * Nothing here is trusted to be exact: a message may come twice, late, or (when a queue is purged) not at all. The store
 * decides; the queue only has to be fast and to lose nothing that it confirmed.
 *
 * No method fails because the broker is away, except {@link TaskQueue.open}: a declaration and a consumer take effect
 * when it is back, a publish answers `unknown`.
 */
export interface TaskQueue extends AsyncDisposable {
  /**
   * Connects. Resolves when the broker has been reached for the first time, however long that takes; from then on the
   * queue reconnects by itself. A second call gives the same promise.
   *
   * @throws QueueError `closed` when {@link TaskQueue.close} came first, `refused` when the broker refuses for good
   */
  open(): Promise<void>;
  /** Closes every consumer, waits for the publishes under way (at most their deadline), disconnects. Idempotent. */
  close(): Promise<void>;
  /** Whether a publish can be confirmed now. */
  readonly canPublish: boolean;
  /**
   * Makes sure that the queue `name` exists.
   *
   * @returns `deferred` when the broker is away: it is declared when the broker is back
   * @throws QueueError `conflict` when the broker has a queue of this name with other arguments
   */
  declare(name: string): Promise<"declared" | "deferred">;
  /**
   * Deletes the queue `name` with all that waits in it. A queue that does not exist counts as deleted; one that is
   * consumed is declared anew by its consumer.
   *
   * @throws QueueError `unavailable` when the broker is away
   */
  remove(name: string): Promise<void>;
  /**
   * Sends `message` to the queue named `message.scheduler`.
   *
   * @returns `confirmed`: the broker is answerable for it; `unroutable`: there is no such queue; `unknown`: no answer
   * within the deadline, or the broker is away, or too many publishes wait already
   */
  publish(message: Announcement): Promise<"confirmed" | "unroutable" | "unknown">;
  /**
   * Starts to take messages from the queue `name`, which is declared first. While the broker is away it resolves too: see
   * {@link Consumer.isSubscribed}.
   *
   * @throws QueueError `conflict` as {@link TaskQueue.declare}, `closed` after {@link TaskQueue.close}
   */
  consume(name: string, options: ConsumeOptions): Promise<Consumer>;
  /**
   * Starts to take the dead letters of all queues: messages that were dropped, or given back more often than the broker
   * bears. While the broker is away it resolves too: see {@link Consumer.isSubscribed}.
   *
   * @throws QueueError `conflict` as {@link TaskQueue.declare}, `closed` after {@link TaskQueue.close}
   */
  consumeDead(options: ConsumeDeadOptions): Promise<Consumer>;
  /** How many messages wait in the queue `name`, or undefined while the broker is away or has no such queue. */
  ready(name: string): Promise<number | undefined>;
}

/** How {@link TaskQueue.consume} takes messages. */
export interface ConsumeOptions {
  /** How many deliveries are handled at a time, at least 1. A slot is taken until `onDelivery` settles. */
  readonly slots: number;
  /** How long an owned delivery may stay unacknowledged, in milliseconds. */
  readonly holdMs: number;
  /**
   * Handles one delivery. When it resolves, the delivery is acknowledged; when it rejects, the message goes back to the
   * queue after a pause of 100 ms, unless it is owned or dropped.
   */
  readonly onDelivery: (delivery: Delivery) => Promise<void>;
}

/** One copy of a message, handed to one consumer. */
export interface Delivery {
  readonly message: Announcement;
  /** Whether the broker has handed it out before. */
  readonly redelivered: boolean;
  /** Says that the store decides from here: it may be acknowledged before its slot is free, after `holdMs`. Idempotent. */
  owned(): void;
  /**
   * Says that this message can never be handled: it goes to the dead letters when its handling ends, however that ends.
   * Idempotent.
   */
  drop(): void;
}

/** How {@link TaskQueue.consumeDead} takes dead letters. */
export interface ConsumeDeadOptions {
  /** How many dead letters are handled at a time, at least 1. */
  readonly slots: number;
  /**
   * Handles one dead letter. When it resolves, the letter is acknowledged; when it rejects, it comes again after a pause
   * of 1 s at least, as often as that takes: a dead letter is never lost.
   */
  readonly onDeadLetter: (letter: DeadLetter) => Promise<void>;
}

/** A message that no scheduler could take. */
export interface DeadLetter {
  /** The queue in which it died, as far as the broker says. */
  readonly queue?: string | undefined;
  /** Why the broker gave it up, such as `rejected` or `delivery_limit`. */
  readonly reason: string;
  /** The id of its task and its announce token, as far as they can be read. */
  readonly id?: string | undefined;
  readonly token?: string | undefined;
  /** The message, if it can be read. */
  readonly message?: Announcement | undefined;
}

/** Messages being taken from one queue. */
export interface Consumer {
  /** Whether the broker knows this consumer now. One that has no free slot counts as subscribed. */
  readonly isSubscribed: boolean;
  /** Resolves when no further delivery will come; those under way go on. Idempotent. */
  cancel(): Promise<void>;
  /** Cancels, sees to it that acknowledgements arrive, and gives back what is neither owned nor dropped. Idempotent. */
  close(): Promise<void>;
}
