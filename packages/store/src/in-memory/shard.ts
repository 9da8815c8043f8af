import { randomUUID } from "node:crypto";
import type { Clock } from "@mayfly/service";
import { type EventOp, type TaskEvent, type TaskView, toInstant } from "@mayfly/task";
import type { ClaimRequest } from "../claim.ts";
import type { StopHint } from "../task-store.ts";
import { definedMembers } from "./defined-members.ts";
import { type Ending, decideEnding } from "./ending.ts";
import type { EventLog } from "./event-log.ts";
import { Gaps } from "./gaps.ts";
import type { Listeners } from "./listeners.ts";
import { SchedulerMemory } from "./scheduler-memory.ts";
import { summaryOf, type TaskRecord } from "./task-record.ts";
import { TaskLog } from "./task-log.ts";
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
 * indexes and the events true to it: scheduled ⇔ either in the outbox or, once announced, in the announced (I7);
 * record ⇔ in the timeouts; running or aborting ⇔ in the leases (I8).
 *
 * A new one has lost all that was scheduled until now, as far as it knows.
 */
export class Shard {
  readonly records: Map<string, TaskRecord> = new Map();
  readonly timeouts: TimeIndex = new TimeIndex();
  readonly leases: TimeIndex = new TimeIndex();
  readonly outbox: TimeIndex = new TimeIndex();
  /** When each was announced, the longest ago first. */
  readonly announced: Map<string, number> = new Map();
  readonly schedulers: SchedulerMemory = new SchedulerMemory();
  readonly tombstones: Tombstones;
  /** Of tasks that said something, for as long as they are known. */
  readonly logs: Map<string, TaskLog> = new Map();
  readonly #gaps = new Gaps();
  readonly #clock: Clock;
  readonly #events: EventLog;
  readonly #doneListeners: Listeners<void>;
  readonly #stopListeners: Listeners<StopHint>;

  constructor(options: ShardOptions) {
    this.#clock = options.clock;
    this.#events = options.events;
    this.#doneListeners = options.doneListeners;
    this.#stopListeners = options.stopListeners;
    this.tombstones = new Tombstones({
      limit: options.tombstoneLimit,
      onForgotten: (id) => this.logs.delete(id),
    });
    this.#gaps.add(0, this.now());
  }

  now(): number {
    return this.#clock.now();
  }

  /** Whether a record that was scheduled then, and that is neither here nor done, may have been lost. */
  mayHaveLost(scheduledAt: number): boolean {
    return this.#gaps.has(scheduledAt, this.now());
  }

  /** Whether no record at all may have been lost. */
  keepsEverything(): boolean {
    return this.#gaps.isEmpty(this.now());
  }

  /** (absent) → scheduled. */
  accept(record: TaskRecord, announceAt: number): void {
    this.#enter(record);
    this.outbox.set(record.id, announceAt);
    this.#tell(record, "add");
  }

  /** (lost) → running, by a claim. */
  recreate(record: TaskRecord, request: ClaimRequest): void {
    this.#enter(record);
    this.grant(record, request);
  }

  /** (lost) → running, as its owner says. */
  restore(record: TaskRecord): void {
    this.#enter(record);
    this.renew(record);
  }

  /** scheduled → running. */
  grant(record: TaskRecord, request: ClaimRequest): void {
    const { token, instance, leaseMs, maxAttempts } = request;
    const now = this.now();
    record.state = "running";
    record.attempt++;
    record.claim = { token, instance, leaseMs, maxAttempts, startedAt: now, leaseEndsAt: now + leaseMs };
    record.releasedByOwner = false;
    // A copy of an earlier message says little about how far the queue has come.
    const isLatest = request.announcement.token === record.announceToken;
    const announcedAt = isLatest ? (this.announced.get(record.id) ?? record.dueAt) : record.scheduledAt;
    this.schedulers.claimed(record.scheduler, announcedAt);
    this.leases.set(record.id, now + leaseMs);
    this.outbox.delete(record.id);
    this.announced.delete(record.id);
    this.#tell(record, "ack");
  }

  /** running → running, aborting → aborting. */
  renew(record: TaskRecord): void {
    if (record.claim === undefined) return;
    record.claim.leaseEndsAt = this.now() + record.claim.leaseMs;
    this.leases.set(record.id, record.claim.leaseEndsAt);
  }

  /** scheduled → scheduled: what was to be announced has been. */
  markAnnounced(record: TaskRecord): void {
    this.outbox.delete(record.id);
    this.announced.set(record.id, this.now());
  }

  /** scheduled → scheduled: what was announced is to be announced anew, now. */
  reannounce(record: TaskRecord): void {
    this.#toOutbox(record, this.now());
  }

  /** scheduled → scheduled: it is due later, for those who claim it now do not reach its work. */
  putOff(record: TaskRecord, delayMs: number): void {
    record.dueAt = this.now() + delayMs;
    this.#toOutbox(record, record.dueAt);
  }

  /** The log of a live task; begun if there is none. */
  logOf(record: TaskRecord): TaskLog {
    const log = this.logs.get(record.id) ?? new TaskLog();
    this.logs.set(record.id, log);
    return log;
  }

  /** running or scheduled → scheduled. */
  requeue(record: TaskRecord, options: { readonly delayMs: number; readonly byOwner: boolean }): void {
    record.state = "scheduled";
    record.dueAt = this.now() + options.delayMs;
    record.releasedByOwner = options.byOwner;
    this.leases.delete(record.id);
    this.#toOutbox(record, record.dueAt);
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
    this.announced.delete(record.id);
    this.schedulers.leave(record.scheduler);
    return this.#bury(record, ending, options);
  }

  /** (lost) → done, because its timeout has come. */
  endLost(record: TaskRecord): void {
    this.#bury(record, { outcome: "timeout" }, { byOwner: false });
  }

  #enter(record: TaskRecord): void {
    this.records.set(record.id, record);
    this.timeouts.set(record.id, record.timeout);
    this.schedulers.enter(record.scheduler);
  }

  #toOutbox(record: TaskRecord, announceAt: number): void {
    record.announceToken = randomUUID();
    this.announced.delete(record.id);
    this.outbox.set(record.id, announceAt);
  }

  #bury(record: TaskRecord, ending: Ending, options: { readonly byOwner: boolean }): TaskView {
    const now = this.now();
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
      { now, retentionMs: this.#retentionMs(record, now) },
    );
    this.#tell(record, ending.outcome === "aborted" ? "abort" : ending.outcome, view);
    this.#doneListeners.tell(record.id);
    return structuredClone(view);
  }

  /** Copies of a task that was scheduled in a gap could bring it back: its tombstone outlives them. */
  #retentionMs({ scheduledAt, retentionMs, timeout }: TaskRecord, now: number): number {
    return this.mayHaveLost(scheduledAt) ? Math.max(retentionMs, timeout - now + retentionMs) : retentionMs;
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
