import {
  type Clock,
  errorMessage,
  Lifecycle,
  type Logger,
  type Service,
  silentLogger,
  systemClock,
} from "@mayfly/service";
import type { JsonValue } from "@mayfly/task";
import type { Owned, Recoverable } from "./recoverable.ts";
import type { Runtime } from "./runtime.ts";

/**
 * What is known of a run that was found. `wanted`: its task lives and is in this very run, or it is none of the asker's
 * business. `gone`: its task is done, or there never was one. `unwanted`: neither: another run of its task counts, or
 * nobody can say.
 */
export type Standing = "wanted" | "unwanted" | "gone";

/** What a {@link Reaper} is made of. */
export interface ReaperOptions<Handle extends JsonValue = JsonValue> {
  /** Whose runs are looked at. */
  readonly runtime: Runtime<Handle> & Recoverable<Handle>;
  /** Asks the record of the run's task. When it rejects, the run is left alone until the next look. */
  readonly standingOf: (run: Owned<Handle>) => Promise<Standing>;
  /** @defaultValue the host's clock */
  readonly clock?: Clock | undefined;
  /** @defaultValue silent */
  readonly logger?: Logger | undefined;
  /** The time from one look to the next, in milliseconds, give or take a tenth. @defaultValue 60,000 */
  readonly periodMs?: number | undefined;
  /** How long a run may take to end before it is forced, in milliseconds. @defaultValue 10,000 */
  readonly graceMs?: number | undefined;
  /** For how long each look must have found a run unwanted before it is removed, in milliseconds. @defaultValue 300,000 */
  readonly unwantedMs?: number | undefined;
}

/** How many runs are asked about, or removed, at a time. */
const slots = 8;

/** How long the runtime or the asked may take to answer, and how long beyond the grace a removal keeps its slot. */
const patienceMs = 60_000;

/**
 * Removes what a runtime still has of tasks that do not need it: work whose owner died after its task had ended, and
 * earlier runs of tasks that go on elsewhere. It looks when it starts and each minute: what is `gone` is stopped and
 * destroyed at once, what is `unwanted` once each look has said so for five minutes. What fails is tried again by the
 * next look. Any number of reapers may look at the same scope.
 *
 * ```ts
 * const reaper = new Reaper({ runtime, standingOf: async ({ taskId }) => (await isDone(taskId)) ? "gone" : "wanted" });
 * await reaper.start();
 * ```
 */
export class Reaper<Handle extends JsonValue = JsonValue> implements Service {
  readonly #runtime: Runtime<Handle> & Recoverable<Handle>;
  readonly #standingOf: (run: Owned<Handle>) => Promise<Standing>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #periodMs: number;
  readonly #graceMs: number;
  readonly #unwantedMs: number;
  readonly #lifecycle = new Lifecycle();
  /** The runs that are being removed, by their handles. */
  readonly #removing = new Set<string>();
  /** Since when each look has found a run unwanted. */
  #unwantedSince: ReadonlyMap<string, number> = new Map();
  #stopping = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(options: ReaperOptions<Handle>) {
    this.#runtime = options.runtime;
    this.#standingOf = options.standingOf;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#periodMs = options.periodMs ?? 60_000;
    this.#graceMs = options.graceMs ?? 10_000;
    this.#unwantedMs = options.unwantedMs ?? 300_000;
  }

  /** Begins with the first look, and does not wait for its end. */
  start(): Promise<void> {
    return this.#lifecycle.start(async () => {
      this.#stopping = new AbortController();
      this.#unwantedSince = new Map();
      this.#loop = this.#repeat(this.#stopping.signal);
    });
  }

  /** Removes nothing more; waits for removals under way, at most a minute beyond the grace. */
  stop(): Promise<void> {
    return this.#lifecycle.stop(async () => {
      this.#stopping.abort();
      await this.#loop;
    });
  }

  /** {@link Reaper.stop}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #repeat(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      await this.#lookAround(stopping);
      await this.#clock.sleep(this.#periodMs * (0.9 + 0.2 * Math.random()), { signal: stopping });
    }
  }

  async #lookAround(stopping: AbortSignal): Promise<void> {
    const before = this.#unwantedSince;
    const unwantedSince = new Map<string, number>();
    this.#unwantedSince = unwantedSince;
    const waiting = (await this.#list(stopping)).filter((run) => !this.#removing.has(keyOf(run)));
    const work = async (): Promise<void> => {
      for (let run = waiting.shift(); run !== undefined && !stopping.aborted; run = waiting.shift()) {
        const key = keyOf(run);
        const standing = await this.#ask(run, stopping);
        if (standing === undefined || standing === "wanted") continue;
        const nowMs = this.#clock.monotonicMs();
        const sinceMs = before.get(key) ?? nowMs;
        if (standing === "unwanted") unwantedSince.set(key, sinceMs);
        const isDue = standing === "gone" || nowMs - sinceMs >= this.#unwantedMs;
        if (isDue) await this.#remove(run, standing);
      }
    };
    await Promise.all(Array.from({ length: slots }, work));
  }

  /** Everything that the runtime has; nothing when it does not say so. */
  async #list(stopping: AbortSignal): Promise<Owned<Handle>[]> {
    try {
      return (await this.#inTime(listed(this.#runtime), { limitMs: patienceMs, signal: stopping })) ?? [];
    } catch (error) {
      this.#logger.warn({ runtime: this.#runtime.kind, error: errorMessage(error) }, "runs not listed");
      return [];
    }
  }

  async #ask(run: Owned<Handle>, stopping: AbortSignal): Promise<Standing | undefined> {
    try {
      return await this.#inTime(this.#standingOf(run), { limitMs: patienceMs, signal: stopping });
    } catch (error) {
      this.#logger.warn({ ...fieldsOf(run), error: errorMessage(error) }, "not known whether the run is wanted");
      return undefined;
    }
  }

  /** Resolves when the run is removed or that has failed, or when others are to wait for it no longer. */
  async #remove(run: Owned<Handle>, standing: Standing): Promise<void> {
    const key = keyOf(run);
    this.#removing.add(key);
    const removed = this.#tryRemove(run, standing).finally(() => this.#removing.delete(key));
    await this.#inTime(removed, { limitMs: this.#graceMs + patienceMs });
  }

  async #tryRemove(run: Owned<Handle>, standing: Standing): Promise<void> {
    try {
      await this.#runtime.stop(run.handle, { graceMs: this.#graceMs });
      await this.#runtime.destroy(run.handle);
      this.#logger.info({ ...fieldsOf(run), standing }, "run removed that nobody needs");
    } catch (error) {
      this.#logger.warn({ ...fieldsOf(run), standing, error: errorMessage(error) }, "run not removed");
    }
  }

  /** What `step` resolves with; undefined when that takes too long, or when `signal` fires first. */
  async #inTime<T>(
    step: Promise<T>,
    { limitMs, signal }: { readonly limitMs: number; readonly signal?: AbortSignal },
  ): Promise<T | undefined> {
    const over = new AbortController();
    const giveUp = (): void => over.abort();
    signal?.addEventListener("abort", giveUp);
    try {
      return await Promise.race([step, this.#clock.sleep(limitMs, { signal: over.signal }).then(() => undefined)]);
    } finally {
      signal?.removeEventListener("abort", giveUp);
      over.abort();
    }
  }
}

async function listed<Handle extends JsonValue>(runtime: Recoverable<Handle>): Promise<Owned<Handle>[]> {
  const runs: Owned<Handle>[] = [];
  for await (const run of runtime.list()) runs.push(run);
  return runs;
}

function keyOf({ handle }: Owned): string {
  return JSON.stringify(handle);
}

function fieldsOf({ taskId: task, run, scheduler }: Owned): { readonly [name: string]: unknown } {
  return { task, run, scheduler };
}
