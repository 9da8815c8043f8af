import { randomUUID } from "node:crypto";
import type { Announcement, EventOp, Task, TaskEvent, TaskView } from "@mayfly/task";
import { aTask } from "@mayfly/task/testing";
import { expect, vi } from "vitest";
import type { ClaimAnswer, ClaimRequest, Granted } from "../claim.ts";
import { contentHash } from "../content-hash.ts";
import type { Owner, OwnerCopy } from "../owner.ts";
import type { ScheduleRequest } from "../schedule.ts";
import type { StalledTask } from "../sweep.ts";
import type { TaskStore } from "../task-store.ts";
import type { StoreHarness } from "./store-harness.ts";

/** A task that was accepted. */
export interface Scheduled {
  readonly id: string;
  readonly task: Task;
  readonly request: ScheduleRequest;
  readonly announcement: Announcement;
  readonly view: TaskView;
  readonly dueInMs: number;
}

/** A task that was claimed. */
export interface Claimed extends Scheduled {
  readonly owner: Owner;
  readonly claim: ClaimRequest;
  readonly granted: Granted;
}

/** Members of a {@link ScheduleRequest}; `task` may be given in part. */
export interface ScheduleOverrides extends Partial<Omit<ScheduleRequest, "task">> {
  readonly task?: Partial<Task>;
}

/** One case's store, with shortcuts for what most cases do first. */
export class Trial {
  readonly #harness: StoreHarness;

  constructor(harness: StoreHarness) {
    this.#harness = harness;
  }

  get store(): TaskStore {
    return this.#harness.store;
  }

  /** A time that a case can wait for; on a busy machine it may be over before the next step of the store. */
  get stepMs(): number {
    return this.#harness.stepMs;
  }

  /** A time that a case can wait for, and that is not over before some steps of the store, also on a busy machine. */
  readonly ampleMs: number = 2_000;

  /** A time that does not come during a case, unless it lets it. */
  readonly longMs: number = 3_600_000;

  now(): number {
    return this.#harness.now();
  }

  /** The monotonic clock of the process, as the store's lease keeper reads it. */
  monotonicMs(): number {
    return this.#harness.monotonicMs?.() ?? performance.now();
  }

  /** The store's clock as text, `inMs` from now. */
  instant(inMs: number): string {
    return new Date(this.now() + inMs).toISOString();
  }

  advance(byMs: number): Promise<void> {
    return this.#harness.advance(byMs);
  }

  /** The store loses everything. */
  wipe(): Promise<void> {
    return this.#harness.wipe();
  }

  /** Makes sure that the store knows of the gap that it has, if it is new or was wiped, and that it is over. */
  async leaveGap(): Promise<void> {
    await this.sweep("recover");
    await this.advance(2);
  }

  /** A request whose task is valid for {@link Trial.longMs}. */
  request({ task: members, ...overrides }: ScheduleOverrides = {}): ScheduleRequest {
    const task = aTask({ timeout: this.instant(this.longMs), ...members });
    return {
      task,
      body: JSON.stringify(task),
      contentHash: contentHash(task),
      timeoutGiven: true,
      maxTimeoutMs: 2 * this.longMs,
      retentionMs: this.longMs,
      announceToken: randomUUID(),
      ...overrides,
    };
  }

  async schedule(overrides: ScheduleOverrides = {}): Promise<Scheduled> {
    const request = this.request(overrides);
    const answer = await this.store.schedule(request);
    if (answer.answer !== "scheduled") expect.fail(`schedule answered ${answer.answer}`);
    return { id: request.task.id, task: request.task, request, ...answer };
  }

  claimRequest(scheduled: Scheduled, overrides: Partial<ClaimRequest> = {}): ClaimRequest {
    return {
      announcement: scheduled.announcement,
      contentHash: scheduled.request.contentHash,
      timeout: Date.parse(scheduled.task.timeout),
      token: randomUUID(),
      instance: "hello@host:1:aaaaaa",
      leaseMs: this.longMs,
      maxAttempts: 3,
      ...overrides,
    };
  }

  /** What a claim of the task answers. */
  tryClaim(scheduled: Scheduled, overrides: Partial<ClaimRequest> = {}): Promise<ClaimAnswer> {
    return this.store.claim(this.claimRequest(scheduled, overrides));
  }

  /** Claims the task; fails unless it is granted. */
  async claim(scheduled: Scheduled, overrides: Partial<ClaimRequest> = {}): Promise<Claimed> {
    const claim = this.claimRequest(scheduled, overrides);
    const granted = await this.store.claim(claim);
    if (granted.answer !== "granted") expect.fail(`claim answered ${granted.answer}`);
    const { scheduledAt } = scheduled.announcement;
    const owner = { id: scheduled.id, attempt: granted.attempt, token: claim.token, scheduledAt };
    return { ...scheduled, claim, granted, owner };
  }

  /** A task that runs. */
  async run(overrides: Partial<ClaimRequest> = {}, scheduleOverrides: ScheduleOverrides = {}): Promise<Claimed> {
    return await this.claim(await this.schedule(scheduleOverrides), overrides);
  }

  /** What its owner knows of the task. */
  copyOf(task: Claimed, overrides: Partial<OwnerCopy> = {}): OwnerCopy {
    const { owner, request, claim, granted } = task;
    return {
      owner,
      scheduler: task.task.scheduler,
      body: request.body,
      contentHash: request.contentHash,
      timeout: Date.parse(task.task.timeout),
      traceparent: request.traceparent,
      instance: claim.instance,
      leaseMs: claim.leaseMs,
      maxAttempts: claim.maxAttempts,
      run: granted.run,
      failures: granted.failures,
      retentionMs: granted.retentionMs,
      runningForMs: 0,
      handle: granted.handle,
      ...overrides,
    };
  }

  /** The task as it stands; fails when there is none. */
  async find(id: string): Promise<TaskView> {
    const view = await this.store.find(id);
    return view ?? expect.fail(`there is no task ${id}`);
  }

  /** Sweeps every shard once; the ids of the tasks that were changed. */
  async sweep(kind: "expire" | "recover", limit = 100): Promise<readonly string[]> {
    const answers = this.#shards().map((shard) => this.store[kind]({ shard, limit }));
    return (await Promise.all(answers)).flatMap(({ ids }) => ids);
  }

  /** Takes what is due of every shard once. */
  async due(request: { limit?: number; maxBytes?: number } = {}): Promise<readonly Announcement[]> {
    const { limit = 100, maxBytes = 4_194_304 } = request;
    const answers = this.#shards().map((shard) => this.store.due({ shard, limit, maxBytes }));
    return (await Promise.all(answers)).flatMap(({ announcements }) => announcements);
  }

  /** What is stalled in every shard. */
  async stalled(ageMs: number): Promise<readonly StalledTask[]> {
    return (await Promise.all(this.#shards().map((shard) => this.store.stalled({ shard, limit: 100, ageMs })))).flat();
  }

  /**
   * What was announced before an instant and is stalled, if nothing was announced in the half step after it. An answer that
   * took longer than that may say more, and is asked for again.
   */
  async stalledBefore(instant: number): Promise<readonly StalledTask[]> {
    for (;;) {
      const askedAt = this.now();
      const stalled = await this.stalled(askedAt - instant);
      if (this.now() - askedAt < this.stepMs / 2) return stalled;
    }
  }

  /** A task that waits and has been announced. */
  async announce(overrides: ScheduleOverrides = {}): Promise<Scheduled> {
    const scheduled = await this.schedule(overrides);
    await this.store.announced(scheduled.id, scheduled.announcement.token);
    return scheduled;
  }

  /** Another task that waits and has been announced, in the shard of `scheduled`, which has been announced too. */
  async announceBeside(scheduled: Scheduled, overrides: ScheduleOverrides = {}): Promise<Scheduled> {
    const shard = await this.#shardOf(scheduled.id);
    for (;;) {
      const other = await this.announce(overrides);
      if ((await this.#shardOf(other.id)) === shard) return other;
    }
  }

  /** When the next of all shards is due; undefined when none waits. */
  async nextDueInMs(): Promise<number | undefined> {
    const answers = this.#shards().map((shard) => this.store.due({ shard, limit: 1, maxBytes: 1 }));
    const times = (await Promise.all(answers)).flatMap(({ nextInMs }) => (nextInMs === undefined ? [] : [nextInMs]));
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** All events so far, or those of one task. */
  async events(id?: string): Promise<readonly TaskEvent[]> {
    const events: TaskEvent[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await this.store.events({ after, limit: 100 });
      if (page.events.length === 0) return events.filter((event) => id === undefined || event.id === id);
      expect(page.position).not.toBe(after);
      events.push(...page.events.map(({ event }) => event));
      after = page.position;
    }
  }

  /** What happened to a task, in order. */
  async ops(id: string): Promise<readonly EventOp[]> {
    return (await this.events(id)).map(({ op }) => op);
  }

  /** Resolves as soon as `check` holds; rejects with its failure when it does not as long as the harness has patience. */
  async eventually(check: () => void): Promise<void> {
    await vi.waitFor(check, { timeout: this.#harness.patienceMs ?? 10_000, interval: 5 });
  }

  /** Where a task is listed that was announced just now. */
  async #shardOf(id: string): Promise<number> {
    for (const shard of this.#shards()) {
      const stalled = await this.store.stalled({ shard, limit: 100, ageMs: 0 });
      if (stalled.some((task) => task.id === id)) return shard;
    }
    return expect.fail(`the announced task ${id} is listed in no shard`);
  }

  #shards(): readonly number[] {
    return Array.from({ length: this.store.shards }, (_, shard) => shard);
  }
}
