import { randomUUID } from "node:crypto";
import type { Clock } from "@mayfly/service";
import { type EventOp, type TaskEvent, type TaskView, toInstant } from "@mayfly/task";
import type { ClaimRequest } from "../claim.ts";
import type { StopHint } from "../task-store.ts";
import { definedMembers } from "./defined-members.ts";
import { type Ending, decideEnding } from "./ending.ts";
import type { EventLog } from "./event-log.ts";
import type { Listeners } from "./listeners.ts";
import { summaryOf, type TaskRecord } from "./task-record.ts";
import { TimeIndex } from "./time-index.ts";
import { Tombstones } from "./tombstones.ts";

/** A shard's own things are made by it; these it shares with the others. */
export interface ShardOptions {
  readonly clock: Clock;
  readonly events: EventLog;
  readonly doneListeners: Listeners<void>;
  readonly stopListeners: Listeners<StopHint>;
  readonly tombstoneLimit: number;
}

/**
 * A part of the tasks, with its indexes. Every change of a record's state is one of the moves below, which keep the
 * indexes and the events true to it: scheduled and not announced ⇔ in the outbox (I7); record ⇔ in the timeouts; running
 * or aborting ⇔ in the leases (I8).
 */
export class Shard {
  readonly records: Map<string, TaskRecord> = new Map();
  readonly timeouts: TimeIndex = new TimeIndex();
  readonly leases: TimeIndex = new TimeIndex();
  readonly outbox: TimeIndex = new TimeIndex();
  readonly tombstones: Tombstones;
  readonly #clock: Clock;
  readonly #events: EventLog;
  readonly #doneListeners: Listeners<void>;
  readonly #stopListeners: Listeners<StopHint>;

  constructor(options: ShardOptions) {
    this.#clock = options.clock;
    this.#events = options.events;
    this.#doneListeners = options.doneListeners;
    this.#stopListeners = options.stopListeners;
    this.tombstones = new Tombstones({ limit: options.tombstoneLimit });
  }

  now(): number {
    return this.#clock.now();
  }

  /** (absent) → scheduled. */
  accept(record: TaskRecord, announceAt: number): void {
    this.records.set(record.id, record);
    this.timeouts.set(record.id, record.timeout);
    this.outbox.set(record.id, announceAt);
    this.#tell(record, "add");
  }

  /** scheduled → running. */
  grant(record: TaskRecord, request: ClaimRequest): void {
    const { token, instance, leaseMs, maxAttempts } = request;
    const now = this.now();
    record.state = "running";
    record.attempt++;
    record.claim = { token, instance, leaseMs, maxAttempts, startedAt: now, leaseEndsAt: now + leaseMs };
    record.releasedByOwner = false;
    this.leases.set(record.id, now + leaseMs);
    this.outbox.delete(record.id);
    this.#tell(record, "ack");
  }

  /** running → running, aborting → aborting. */
  renew(record: TaskRecord): void {
    if (record.claim === undefined) return;
    record.claim.leaseEndsAt = this.now() + record.claim.leaseMs;
    this.leases.set(record.id, record.claim.leaseEndsAt);
  }

  /** running → scheduled. */
  requeue(record: TaskRecord, options: { readonly delayMs: number; readonly byOwner: boolean }): void {
    record.state = "scheduled";
    record.dueAt = this.now() + options.delayMs;
    record.announceToken = randomUUID();
    record.releasedByOwner = options.byOwner;
    this.leases.delete(record.id);
    this.outbox.set(record.id, record.dueAt);
    this.#tell(record, "requeue");
  }

  /** running → aborting; aborting → aborting, to tell the owner again. */
  stop(record: TaskRecord, message: string | undefined): void {
    if (record.state !== "aborting") record.abortMessage = message;
    record.state = "aborting";
    this.#tellOwner(record, "abort");
  }

  /** Tells what the work reported. */
  report(record: TaskRecord, progress: string): void {
    record.progress = progress;
    this.#tell(record, "progress");
  }

  /** Any live state → done: delete, tombstone and terminal event in one step (I2). */
  end(record: TaskRecord, wanted: Ending, options: { readonly byOwner: boolean }): TaskView {
    const now = this.now();
    const ending = decideEnding(record, wanted, now);
    if (record.state !== "scheduled" && !options.byOwner) {
      this.#tellOwner(record, ending.outcome === "timeout" ? "timeout" : "abort");
    }
    this.records.delete(record.id);
    this.timeouts.delete(record.id);
    this.leases.delete(record.id);
    this.outbox.delete(record.id);
    const view: TaskView = definedMembers({ ...summaryOf(record), state: "done", ...ending, endedAt: toInstant(now) });
    this.tombstones.add(
      {
        view,
        contentHash: record.contentHash,
        notBefore: record.notBefore,
        timeout: record.timeout,
        attempt: record.attempt,
        token: record.claim?.token,
        closedByOwner: options.byOwner,
      },
      { now, retentionMs: record.retentionMs },
    );
    this.#tell(record, ending.outcome === "aborted" ? "abort" : ending.outcome, view);
    this.#doneListeners.tell(record.id);
    return structuredClone(view);
  }

  #tell(record: TaskRecord, op: EventOp, end?: Pick<TaskView, "outcome" | "reason">): void {
    const event: TaskEvent = {
      op,
      id: record.id,
      scheduler: record.scheduler,
      at: toInstant(this.now()),
      attempt: record.attempt === 0 ? undefined : record.attempt,
      instance: record.claim?.instance,
      outcome: end?.outcome,
      reason: end?.reason,
    };
    this.#events.append(definedMembers(event));
  }

  #tellOwner(record: TaskRecord, stop: StopHint["stop"]): void {
    if (record.claim === undefined) return;
    this.#stopListeners.tell(record.claim.instance, { stop, id: record.id, attempt: record.attempt });
  }
}
