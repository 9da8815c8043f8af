import { errorMessage, fullJitterMs } from "@mayfly/service";
import type {
  End,
  EndAnswer,
  LogAnswer,
  Owner,
  OwnerCopy,
  ReleaseAnswer,
  ReleaseRequest,
  RestoreAnswer,
  StoredHandle,
} from "@mayfly/store";
import type { TaskView } from "@mayfly/task";
import type { Claimed } from "./claim-task.ts";
import type { RunEnvironment } from "./run-environment.ts";
import { untilAnswered } from "./until-answered.ts";

/** What an owner's step has found out about its ownership. `abort`: the task is to be aborted, and is still owned. */
export type OwnershipSignal = "abort" | "stale" | "gone";

/**
 * A task as its owner has it: asks the store for each step until it answers, and writes the record back when the store
 * has lost it.
 *
 * States: `owned` → `stale` or `gone` (the store says so, whichever step it answers), or → `done` (finished or
 * released). Nothing is asked, nor restored, after that.
 */
export class OwnedTask {
  readonly #env: RunEnvironment;
  readonly #claimed: Claimed;
  readonly #onSignal: (signal: OwnershipSignal) => void;
  readonly #ending = new AbortController();
  readonly #end = (): void => this.#ending.abort();
  readonly #underWay = new Set<Promise<unknown>>();
  #isClosed = false;
  #state: "owned" | "stale" | "gone" | "done" = "owned";
  #handle: StoredHandle | undefined;
  #restoring: Promise<RestoreAnswer | undefined> | undefined;

  constructor(env: RunEnvironment, claimed: Claimed, onSignal: (signal: OwnershipSignal) => void) {
    this.#env = env;
    this.#claimed = claimed;
    this.#onSignal = onSignal;
    this.#handle = claimed.granted.handle;
    if (env.closing.aborted) this.#end();
    else env.closing.addEventListener("abort", this.#end);
  }

  /** What proves the ownership. */
  get owner(): Owner {
    return this.#claimed.copy.owner;
  }

  /** Whether the store has not said yet that it is another's, or over. */
  get isOwned(): boolean {
    return this.#state === "owned";
  }

  /** The time until the task's timeout in milliseconds, counted on from the claim. */
  get leftMs(): number {
    const { answeredAtMs, granted } = this.#claimed;
    return answeredAtMs + granted.remainingMs - this.#env.clock.monotonicMs();
  }

  /** Stores what finds the work again. Resolves with whether it is stored; never fails. */
  attach(handle: StoredHandle): Promise<boolean> {
    this.#handle = handle;
    return this.#track(this.#attach(handle));
  }

  /** Stores what the work reports, in one try: another report will come. */
  async progress(value: string): Promise<void> {
    const store = (): Promise<string> => this.#env.store.progress(this.owner, value);
    if (this.isOwned && (await store()) === "lost" && isBack(await this.restore())) await store();
  }

  /** Adds to the task's log, in one try: what the store does not take can be given again. */
  async appendLog(text: string, saidAt?: number): Promise<LogAnswer> {
    if (!this.isOwned) return "gone";
    const store = (): Promise<LogAnswer> => this.#env.store.appendLog(this.owner, text, saidAt);
    const answer = await store();
    return answer === "lost" && isBack(await this.restore()) ? store() : answer;
  }

  /** Ends the task; undefined when there is no more time to wait for the store. */
  async finish(end: End): Promise<EndAnswer | undefined> {
    const answer = await this.#ask<EndAnswer>(() => this.#env.store.finish(this.owner, end));
    return this.#done(answer);
  }

  /** Gives the task up; undefined when there is no more time to wait for the store. */
  async release(request: ReleaseRequest): Promise<ReleaseAnswer | undefined> {
    const answer = await this.#ask<ReleaseAnswer>(() => this.#env.store.release(this.owner, request));
    return this.#done(answer);
  }

  /** The task as it stands. One that the store has lost is written back first. */
  async view(): Promise<TaskView | undefined> {
    const find = (): Promise<TaskView | undefined> => this.#env.store.find(this.owner.id);
    const view = await this.#untilAnswered(find);
    if (view !== undefined || !this.isOwned) return view;
    await this.restore();
    return this.#untilAnswered(find);
  }

  /** Writes the record back if the store has lost it, once at a time. Undefined when there is no more time. */
  restore(): Promise<RestoreAnswer | undefined> {
    this.#restoring ??= this.#track(this.#restore().finally(() => (this.#restoring = undefined)));
    return this.#restoring;
  }

  /** What the store has said elsewhere: nothing is asked any more. */
  settle(state: "stale" | "gone"): void {
    if (this.isOwned) this.#state = state;
    this.#env.leases.remove(this.owner);
  }

  /** Waits for nothing any more; resolves when no step is under way. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#env.closing.removeEventListener("abort", this.#end);
    this.#end();
    await Promise.allSettled(this.#underWay);
  }

  async #attach(handle: StoredHandle): Promise<boolean> {
    const { store, logger } = this.#env;
    try {
      const answer = await this.#ask(async () => ({ answer: await store.attach(this.owner, handle) }));
      return answer?.answer === "ok";
    } catch (error) {
      // A handle that is not stored only costs a successor the chance to adopt.
      logger.warn({ task: this.owner.id, error: errorMessage(error) }, "handle not stored");
      return false;
    }
  }

  /** Repeats a step while the store is away, and while it has lost the record and it can be written back. */
  async #ask<A extends { readonly answer: string }>(
    step: () => Promise<A>,
  ): Promise<A | { readonly answer: "stale" | "gone" } | undefined> {
    for (let losses = 0; ; losses++) {
      if (this.#state === "done") return undefined;
      if (this.#state !== "owned") return { answer: this.#state };
      const answer = await this.#untilAnswered(step);
      if (answer === undefined) return undefined;
      if (answer.answer === "stale" || answer.answer === "gone") this.#hear(answer.answer);
      if (answer.answer !== "lost") return answer;
      const restored = await this.restore();
      if (restored === undefined) return undefined;
      if (losses > 0) await this.#pause(losses);
    }
  }

  async #restore(): Promise<RestoreAnswer | undefined> {
    if (this.#state === "done") return undefined;
    if (this.#state !== "owned") return { answer: this.#state };
    const { store, leases, clock, logger } = this.#env;
    const { owner } = this;
    logger.warn({ task: owner.id, attempt: owner.attempt }, "store has lost the task, its owner writes it back");
    let sentAtMs = clock.monotonicMs();
    const answer = await this.#untilAnswered(() => {
      sentAtMs = clock.monotonicMs();
      return store.restore(this.#copy());
    });
    if (answer === undefined) return undefined;
    if (isBack(answer)) leases.renewed(owner, sentAtMs);
    if (answer.answer === "stop") this.#onSignal("abort");
    if (answer.answer === "stale" || answer.answer === "gone") this.#hear(answer.answer);
    return answer;
  }

  #copy(): OwnerCopy {
    const { copy, answeredAtMs } = this.#claimed;
    // Stored times are whole milliseconds; the monotonic clock counts finer.
    const runningForMs = Math.round(this.#env.clock.monotonicMs() - answeredAtMs);
    return { ...copy, runningForMs, handle: this.#handle };
  }

  /** The store has spoken: heartbeats would only hear it again. */
  #hear(state: "stale" | "gone"): void {
    if (!this.isOwned) return;
    this.settle(state);
    this.#onSignal(state);
  }

  #done<A extends { readonly answer: string }>(answer: A | undefined): A | undefined {
    if (answer?.answer !== "ended" && answer?.answer !== "released") return answer;
    this.#state = "done";
    // A wipe of the store must not bring back what is done.
    this.#env.leases.remove(this.owner);
    return answer;
  }

  #untilAnswered<T>(step: () => Promise<T>): Promise<T | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined);
    return untilAnswered(step, { clock: this.#env.clock, logger: this.#env.logger, signal: this.#ending.signal });
  }

  #pause(losses: number): Promise<void> {
    return this.#env.clock.sleep(fullJitterMs(losses, { baseMs: 100, maxMs: 2_000 }), { signal: this.#ending.signal });
  }

  #track<T>(step: Promise<T>): Promise<T> {
    const end = (): void => void this.#underWay.delete(step);
    this.#underWay.add(step);
    step.then(end, end);
    return step;
  }
}

function isBack(answer: RestoreAnswer | undefined): boolean {
  return answer?.answer === "ok" || answer?.answer === "stop";
}
