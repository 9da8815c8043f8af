import type { Result, RunContext } from "@mayfly/runtime";
import { type Clock, errorMessage, type Logger, type Timer } from "@mayfly/service";
import { goneResult, resultOf } from "./container-result.ts";
import type { DockerEngine } from "./docker-engine.ts";
import type { DockerHandle } from "./docker-handle.ts";
import { engineMessage, statusOf } from "./engine-error.ts";
import { LogFollower } from "./log-follower.ts";

/** What a {@link ContainerWatch} works with. */
export interface ContainerWatchParts {
  readonly engine: DockerEngine;
  readonly handle: DockerHandle;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxLogBytes: number;
  /** Called when the run is overdue, and again after each stop that has failed. */
  readonly onOverdue: () => void;
}

/** How long a result waits for the last lines of the log, in milliseconds. */
const logDrainMs = 1_000;

/** How long after its deadline work is stopped that its owner has not stopped, in milliseconds. */
const overdueMs = 1_000;

/** How long after a stop that has failed it is tried again, in milliseconds. */
const stopPauseMs = 10_000;

/** Waits for the end of one container, for all who ask, and tells its log meanwhile. */
export class ContainerWatch {
  /** How the work ended. Stays pending when the runtime is closed: that says nothing about the work. */
  readonly result: Promise<Result>;
  readonly #parts: ContainerWatchParts;
  readonly #ended = new AbortController();
  #logs: LogFollower;
  #run: RunContext;
  #overdue: Timer;

  constructor(parts: ContainerWatchParts, run: RunContext) {
    this.#parts = parts;
    this.#run = run;
    this.#overdue = this.#armed(run);
    this.#logs = this.#followLogs();
    this.result = this.#watch();
  }

  /** From now on the run is `run`'s: an owner that was lost may have come back. It hears what is not logged yet. */
  follow(run: RunContext): void {
    if (run === this.#run) return;
    this.#run = run;
    this.#logs.close();
    this.#logs = this.#followLogs();
    this.#overdue.cancel();
    this.#overdue = this.#armed(run);
  }

  /** Its owner stops it: the deadline has no more to do. */
  relax(): void {
    this.#overdue.cancel();
  }

  /** Its owner could not stop it, and may not try again. */
  retryStop(): void {
    const { clock, engine, onOverdue } = this.#parts;
    if (this.#ended.signal.aborted || engine.isClosed) return;
    this.#overdue.cancel();
    this.#overdue = clock.setTimer(stopPauseMs, onOverdue);
  }

  /** Stops telling the log. */
  close(): void {
    this.#overdue.cancel();
    this.#logs.close();
  }

  #followLogs(): LogFollower {
    const { engine, handle, clock, maxLogBytes } = this.#parts;
    const run = this.#run;
    return new LogFollower({
      open: (range, signal) => engine.logs(handle.id, range, signal),
      log: (line, saidAt) => run.log(line, { saidAt }),
      sinceMs: run.loggedAt,
      maxBytes: maxLogBytes,
      clock,
      ended: this.#ended.signal,
    });
  }

  #armed({ deadline }: RunContext): Timer {
    const { clock, onOverdue } = this.#parts;
    return clock.setTimer(deadline - clock.now() + overdueMs, onOverdue);
  }

  async #watch(): Promise<Result> {
    const { clock } = this.#parts;
    const result = await this.#end();
    this.#overdue.cancel();
    this.#ended.abort();
    const drained = new AbortController();
    void this.#logs.done.then(() => drained.abort());
    if (result.isRecorded) await clock.sleep(logDrainMs, { signal: drained.signal });
    this.#logs.close();
    return result.result;
  }

  async #end(): Promise<{ readonly result: Result; readonly isRecorded: boolean }> {
    const { engine, handle, logger } = this.#parts;
    for (let attempt = 0; ; attempt++) {
      try {
        await engine.untilEnded(handle.id, new AbortController().signal);
        const result = resultOf(handle.name, (await engine.inspect(handle.id)).State);
        if (result !== undefined) return { result, isRecorded: true };
      } catch (error) {
        if (statusOf(error) === 404) return { result: goneResult(handle.name), isRecorded: false };
        if (engine.isClosed) return new Promise(() => undefined);
        logger.warn(
          { container: handle.name, error: engineMessage(error) },
          "engine does not say how a container fares",
        );
      }
      await engine.pause(attempt);
    }
  }
}

/** For a promise that nobody waits for. */
export function warnOf(logger: Logger, handle: DockerHandle, message: string): (error: unknown) => void {
  return (error) => logger.warn({ container: handle.name, error: errorMessage(error) }, message);
}
