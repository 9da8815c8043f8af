import type { Instance, LiveState, Registration, TaskEvent, TaskView } from "@mayfly/task";
import type { ClaimAnswer, ClaimRequest } from "./claim.ts";
import type { CurrentRun } from "./current-run.ts";
import type { LogAnswer, LogPage, LogRequest } from "./log.ts";
import type { KeepLeasesOptions, LeaseKeeper } from "./lease-keeper.ts";
import type {
  End,
  EndAnswer,
  HeartbeatAnswer,
  Owner,
  OwnerAnswer,
  OwnerCopy,
  ReleaseAnswer,
  ReleaseRequest,
  RestoreAnswer,
  StoredHandle,
} from "./owner.ts";
import type { AbortAnswer, ScheduleAnswer, ScheduleRequest } from "./schedule.ts";
import type {
  DueAnswer,
  StalledRequest,
  StalledTask,
  SweepAnswer,
  SweepRequest,
  UndeliveredAnswer,
  UndeliveredRequest,
} from "./sweep.ts";

/**
 * Keeps every task from the moment that it is accepted until it is done, and decides each question about it: who owns
 * it, whether it may still run, how it ended. Each method that changes a task is one atomic step, answers with a named
 * value, and can be repeated with the same token without doing it twice. All times are the store's own: nothing here
 * compares the clocks of two hosts (I11).
 *
 * A store can lose acknowledged writes: all of them, when it is wiped; the last ones, when its server dies. Each shard
 * keeps its *gaps*, the spans of time in which what was scheduled may be missing. A missing record whose task was
 * scheduled in a gap, and that has left no tombstone, is `lost`, not `gone`: who has a copy of the task brings it back.
 * Tasks that nobody has a copy of, those that wait for their first announcement or for a retry, exist in the store alone.
 *
 * Every method fails with a StoreError `unavailable` when the store cannot be reached or does not answer in time; then
 * it is unknown whether the step has been done, and the call is to be repeated.
 */
export interface TaskStore extends AsyncDisposable {
  /**
   * Connects. Resolves when the store has been reached and checked for the first time, however long that takes; from
   * then on it reconnects by itself. A second call gives the same promise.
   *
   * @throws StoreError `closed` when {@link TaskStore.close} came first, `incompatible` when the store holds data in
   * another format or number of shards, or is not safe to use
   */
  open(): Promise<void>;
  /** Disconnects. Idempotent. */
  close(): Promise<void>;
  /** Resolves when the store answers. */
  ping(): Promise<void>;
  /** In how many parts the tasks are kept; each is swept by itself. Known once the store is open. */
  readonly shards: number;

  /** Accepts a task: record, outbox and event `add` (scheduled → I1, I12). */
  schedule(request: ScheduleRequest): Promise<ScheduleAnswer>;
  /** Takes a task out of the outbox, if `token` is still that of its latest announcement (I7). */
  announced(id: string, token: string): Promise<void>;
  /** Asks for the end of a task: one that is scheduled is done at once, one that runs becomes `aborting`. */
  abort(id: string, options: { readonly message?: string | undefined }): Promise<AbortAnswer>;
  /** The task as it stands: from its record, else from what is left of it, else undefined. */
  find(id: string): Promise<TaskView | undefined>;
  /** Which run of a task counts: see {@link CurrentRun}. Changes nothing. */
  currentRun(id: string): Promise<CurrentRun>;
  /** Live tasks, newest first by scheduledAt, then by id; without `attributes`. */
  list(request: ListRequest): Promise<ListPage>;
  /** How many live tasks a scheduler has; `running` counts those that are aborting too. */
  count(scheduler: string): Promise<{ readonly scheduled: number; readonly running: number }>;

  /** Decides who may run a task that was delivered: see {@link ClaimAnswer}. */
  claim(request: ClaimRequest): Promise<ClaimAnswer>;
  /** Stores what finds the work again, so that a successor can adopt it. */
  attach(owner: Owner, handle: StoredHandle): Promise<OwnerAnswer>;
  /** Renews the leases of ≤ 100 tasks; answers in their order. */
  heartbeat(owners: readonly Owner[]): Promise<readonly HeartbeatAnswer[]>;
  /** Stores what the work reported last, and tells event `progress`. `value` is JSON text of at most 4 KiB. */
  progress(owner: Owner, value: string): Promise<OwnerAnswer>;
  /**
   * Adds text to the task's log, which takes `maxLogBytes` and then a line that says that it is cut. All attempts
   * write into the same one. The repeat of a call whose answer is unknown may add the text twice.
   *
   * @param saidAt - when the work said the last of it, in whole epoch milliseconds by the clock of where the work runs. The
   * next claim that goes on with the stored handle is told, as `loggedAt`. @defaultValue not known: the one before counts
   */
  appendLog(owner: Owner, text: string, saidAt?: number): Promise<LogAnswer>;
  /** Reads a piece of a task's log, which is kept as long as the task is known. */
  readLog(id: string, request: LogRequest): Promise<LogPage>;
  /** Gives up the lease so that the task runs again: at once, later, or (failures used up) not any more. */
  release(owner: Owner, request: ReleaseRequest): Promise<ReleaseAnswer>;
  /** Ends a task: deletes the record, leaves a tombstone, tells the terminal event (I2, I10). */
  finish(owner: Owner, end: End): Promise<EndAnswer>;
  /** Writes the record of a task back that the store has lost, with its lease; only if there is none. */
  restore(copy: OwnerCopy): Promise<RestoreAnswer>;

  /** Ends the tasks of a shard whose timeout has come, and tells their owners to stop. */
  expire(request: SweepRequest): Promise<SweepAnswer>;
  /** Takes the tasks of a shard whose lease has ended from their owners: they wait again, or are lost, or aborted. */
  recover(request: SweepRequest): Promise<SweepAnswer>;
  /** The tasks of a shard that are to be announced now; each comes back after 10 s unless it is announced by then. */
  due(request: SweepRequest & { readonly maxBytes: number }): Promise<DueAnswer>;
  /** The tasks of a shard that wait although they were announced long ago, the longest first. Changes nothing. */
  stalled(request: StalledRequest): Promise<readonly StalledTask[]>;
  /** Puts a task back into the outbox, due now and under a new token, if `token` is that of its latest announcement. */
  reannounce(id: string, token: string): Promise<boolean>;
  /** Decides about a task whose message no scheduler could take. */
  undelivered(request: UndeliveredRequest): Promise<UndeliveredAnswer>;

  /** Stores a registration: given members replace, others stay. */
  register(
    scheduler: string,
    registration: Registration,
  ): Promise<{ readonly created: boolean; readonly registration: Registration }>;
  /** The registration of a scheduler, or undefined if there is none. */
  findRegistration(scheduler: string): Promise<Registration | undefined>;
  /** The names of all registered schedulers, sorted. */
  schedulers(): Promise<readonly string[]>;
  /** Removes a registration, unless tasks or instances of it live. */
  deregister(scheduler: string): Promise<"removed" | "unknown" | "busy">;
  /** Says that an instance lives, for `ttlMs` from now; stores `registration` if the scheduler's is missing. */
  beat(
    scheduler: string,
    instance: Omit<Instance, "seenAt">,
    options: { readonly ttlMs: number; readonly registration?: Registration | undefined },
  ): Promise<void>;
  /** Says that an instance has gone. */
  leave(scheduler: string, instanceId: string): Promise<void>;
  /** The instances that live, oldest first. */
  instances(scheduler: string): Promise<readonly Instance[]>;

  /** Renews the leases that are given to it until they are removed. */
  keepLeases(options: KeepLeasesOptions): LeaseKeeper;
  /**
   * Calls `listener` once when the task has ended. Only a hint (at most once, lost when the connection is): the caller
   * reads the task after this has resolved, and again every few seconds.
   */
  watchDone(id: string, listener: () => void): Promise<Subscription>;
  /** Calls `listener` for each stop that is meant for an instance. Only a hint: heartbeats tell the same. */
  watchStops(instanceId: string, listener: (stop: StopHint) => void): Promise<Subscription>;
  /**
   * What has happened, oldest first, after the position `after` (from the first that is kept, when undefined). The
   * order of one task's events is the order in which they happened.
   */
  events(request: { readonly after?: string | undefined; readonly limit: number }): Promise<EventPage>;
}

/** A request of {@link TaskStore.list}. */
export interface ListRequest {
  readonly scheduler?: string | undefined;
  readonly state?: LiveState | undefined;
  /** At most this many, 1 to 500. */
  readonly limit: number;
  /** The `cursor` of the page before. One that no page had is refused with a StoreError `invalid_cursor`. */
  readonly cursor?: string | undefined;
}

/** A page of {@link TaskStore.list}. None comes twice, and none that lived throughout is missed. */
export interface ListPage {
  readonly tasks: readonly TaskView[];
  /** For the next page; absent on the last. */
  readonly cursor?: string | undefined;
}

/** A page of {@link TaskStore.events}. */
export interface EventPage {
  /** Whether events between the position that was asked for and the first of `events` are not kept any more. */
  readonly gap: boolean;
  readonly events: readonly { readonly position: string; readonly event: TaskEvent }[];
  /** Where to go on: after the last of `events`, or unchanged when there is none. */
  readonly position: string;
}

/** Tells an instance to stop what it runs. */
export interface StopHint {
  readonly stop: "abort" | "timeout";
  readonly id: string;
  /** A stop for another attempt than the one that is run is not meant. */
  readonly attempt: number;
}

/** Something that calls back until it is closed. */
export interface Subscription {
  /** No further calls. Idempotent. */
  close(): void;
}
