import { RuntimeError, type StopCode, StopReason } from "@mayfly/runtime";
import { type Clock, errorMessage, type Logger } from "@mayfly/service";
import { isOfRun, type LabelledRun } from "./container-labels.ts";
import { type ContainerOptions, withinTmpfs } from "./container-options.ts";
import type { DockerEngine } from "./docker-engine.ts";
import { engineMessage, isPassing, statusOf } from "./engine-error.ts";
import type { ImagePuller } from "./image-puller.ts";

/** What a {@link ContainerStart} works with. */
export interface ContainerStartParts {
  readonly engine: DockerEngine;
  /** undefined: the image may not be pulled. */
  readonly puller: ImagePuller | undefined;
  /** As the spec names it. */
  readonly image: string;
  readonly options: ContainerOptions;
  readonly run: LabelledRun;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long all of it may take, in milliseconds. */
  readonly timeoutMs: number;
  /** The owner's: no work begins once it has fired. */
  readonly owner: AbortSignal;
}

/** How long an engine that is away may hold up removing what a failed start has left; after that it stays. */
const cleanUpMs = 2_000;

/**
 * One start of a container: creates it or adopts the one that has its name, and starts it if it has not run. It ends when
 * its owner is told to stop: a start that has not come so far lets no work begin. An owner that shuts down still gets the
 * container that has been created, so that the next one can be told of it.
 *
 * Every request may fail after it has taken effect. So before one is repeated, the engine is asked what there is: a
 * container that has run is never started again.
 */
export class ContainerStart {
  readonly #parts: ContainerStartParts;
  readonly #limit = new AbortController();
  /** Fires when nothing is to be created any more. */
  readonly #uncreated = new AbortController();
  /** Whether this start has made the container, as far as it can know. */
  #isOurs = false;
  /** What was wrong last. */
  #problem: string | undefined;

  constructor(parts: ContainerStartParts) {
    this.#parts = parts;
  }

  /** Resolves with the id of the container. @throws RuntimeError; then nothing that it has made is left. */
  async execute(): Promise<string> {
    const { clock, timeoutMs, options, owner } = this.#parts;
    const late = new RuntimeError("runtime", `The container ${options.name} was not started within ${timeoutMs} ms.`);
    const timer = clock.setTimer(timeoutMs, () => this.#limit.abort(late));
    this.#limit.signal.addEventListener("abort", () => this.#uncreated.abort(this.#limit.signal.reason));
    const tell = (): void => (this.#stopCode === "shutdown" ? this.#uncreated : this.#limit).abort(this.#told());
    owner.addEventListener("abort", tell);
    if (owner.aborted) tell();
    try {
      const found = await this.#create();
      if (found.isNew) await this.#start(found.id);
      return found.id;
    } catch (error) {
      await this.#cleanUp();
      throw this.#runtimeError(this.#limit.signal.aborted ? this.#limit.signal.reason : error);
    } finally {
      timer.cancel();
      owner.removeEventListener("abort", tell);
    }
  }

  /** The container, and whether it is still to be started. */
  async #create(): Promise<{ readonly id: string; readonly isNew: boolean }> {
    const { engine, options, puller } = this.#parts;
    const { signal } = this.#limit;
    let isPulled = false;
    for (let attempt = 0; ; attempt++) {
      this.#uncreated.signal.throwIfAborted();
      try {
        const volumes = await engine.volumesOf(options.Image, signal);
        this.#uncreated.signal.throwIfAborted();
        const id = await engine.create(withinTmpfs(options, volumes), signal);
        this.#isOurs = true;
        return { id, isNew: true };
      } catch (error) {
        const status = statusOf(error);
        if (status === 409) {
          const found = await this.#adopt();
          if (found !== undefined) return found;
        } else if (status === 404 && puller !== undefined && !isPulled) {
          await puller.pull(this.#uncreated.signal);
          isPulled = true;
          continue;
        } else if (isPassing(error)) {
          // It may have been created all the same; then the next attempt finds it.
          this.#isOurs = true;
          if (!signal.aborted) this.#note(error);
        } else throw error;
      }
      await engine.pause(attempt, this.#uncreated.signal);
    }
  }

  /** The container that has the name; undefined when it has just been removed. */
  async #adopt(): Promise<{ readonly id: string; readonly isNew: boolean } | undefined> {
    const { engine, options, run } = this.#parts;
    try {
      const { Id: id, Config, State } = await engine.inspect(options.name, this.#limit.signal);
      if (isOfRun(Config.Labels, run)) return { id, isNew: State.Status === "created" };
    } catch (error) {
      if (statusOf(error) === 404 || (isPassing(error) && !this.#limit.signal.aborted)) return undefined;
      throw error;
    }
    this.#isOurs = false;
    throw new RuntimeError("runtime", `There is a container ${options.name} that is not of this run.`);
  }

  async #start(id: string): Promise<void> {
    const { engine } = this.#parts;
    const { signal } = this.#limit;
    for (let attempt = 0; ; attempt++) {
      if (signal.aborted) throw signal.reason;
      try {
        return await engine.start(id, signal);
      } catch (error) {
        if (statusOf(error) !== undefined || signal.aborted) {
          // An answer: it has not run, so it may go whoever has made it.
          this.#isOurs ||= !signal.aborted;
          throw error;
        }
        this.#note(error);
      }
      await this.#pause(attempt);
      if (await this.#hasStarted(id)) return;
    }
  }

  async #hasStarted(id: string): Promise<boolean> {
    try {
      return (await this.#parts.engine.inspect(id, this.#limit.signal)).State.Status !== "created";
    } catch (error) {
      if (!isPassing(error)) throw error;
      this.#note(error);
      return false;
    }
  }

  async #pause(attempt: number): Promise<void> {
    const { signal } = this.#limit;
    await this.#parts.engine.pause(attempt, signal);
    if (signal.aborted) throw signal.reason;
  }

  /** For the message that says that time is over. */
  #note(error: unknown): void {
    this.#problem = engineMessage(error);
  }

  async #cleanUp(): Promise<void> {
    const { engine, options, logger, run, owner } = this.#parts;
    // What is told to end here and has this name is this run, whoever has made it.
    if (this.#isOfAnother || !(this.#isOurs || owner.aborted)) return;
    try {
      await engine.persist(cleanUpMs, async () => {
        const { Id: id, Config } = await engine.inspect(options.name);
        if (isOfRun(Config.Labels, run) && !this.#isOfAnother) await engine.remove(id);
      });
    } catch (error) {
      if (statusOf(error) === 404) return;
      const fields = { task: run.task.id, container: options.name, error: errorMessage(error) };
      logger.warn(fields, "container of a failed start not removed");
    }
  }

  get #stopCode(): StopCode | undefined {
    const reason: unknown = this.#parts.owner.reason;
    return StopReason.is(reason) ? reason.code : undefined;
  }

  /** The next owner adopts the container by its name, and may have done so already. */
  get #isOfAnother(): boolean {
    return this.#stopCode === "lost" || this.#stopCode === "shutdown";
  }

  #told(): RuntimeError {
    const { options, owner } = this.#parts;
    const message = `The container ${options.name} was told to end before its work had begun: ${errorMessage(owner.reason)}`;
    return new RuntimeError("runtime", message, { cause: owner.reason });
  }

  #runtimeError(error: unknown): RuntimeError {
    const { image, options } = this.#parts;
    if (RuntimeError.is(error)) {
      if (this.#problem === undefined || error !== this.#limit.signal.reason) return error;
      return new RuntimeError("runtime", `${error.message} ${this.#problem}`, { cause: error });
    }
    const message = `The container ${options.name} with the image ${image} could not be started: ${engineMessage(error)}`;
    return new RuntimeError(statusOf(error) === 400 ? "rejected" : "runtime", message, { cause: error });
  }
}
