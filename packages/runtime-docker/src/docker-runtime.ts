import {
  type Checkable,
  type Health,
  type Owned,
  type Recoverable,
  type Result,
  type RunContext,
  Runtime,
  RuntimeError,
  runVariables,
  taskVariable,
} from "@mayfly/runtime";
import { type Clock, type Logger, silentLogger, systemClock } from "@mayfly/service";
import type { Task } from "@mayfly/task";
import { labels, type LabelledRun, ownedBy } from "./container-labels.ts";
import { containerOptions } from "./container-options.ts";
import { ContainerStart } from "./container-start.ts";
import { stopContainer } from "./container-stop.ts";
import { ContainerWatch, warnOf } from "./container-watch.ts";
import type { DockerAddress } from "./docker-address.ts";
import { DockerEngine } from "./docker-engine.ts";
import type { DockerHandle } from "./docker-handle.ts";
import { type DockerSpec, dockerSpecSchema, type DockerSpecInput, type ImageSpec } from "./docker-spec.ts";
import { engineMessage } from "./engine-error.ts";
import { ImagePuller } from "./image-puller.ts";
import { selectWork } from "./selected-work.ts";

/** What a {@link DockerRuntime} can be given besides what it may run. */
export interface DockerRuntimeOptions {
  /** @defaultValue the socket `/var/run/docker.sock` */
  readonly address?: DockerAddress | undefined;
  /** The scheduler's instance, for the label `mayfly.instance`. */
  readonly instance?: string | undefined;
  /** @defaultValue {@link systemClock} */
  readonly clock?: Clock | undefined;
  /** Hears of an engine that is away and of containers that could not be removed. @defaultValue {@link silentLogger} */
  readonly logger?: Logger | undefined;
  /** How long a start may take, with the pull of its image. @defaultValue 120,000 ms */
  readonly startTimeoutMs?: number | undefined;
  /** How much of a container's output becomes its run's log. @defaultValue 1 MiB */
  readonly maxLogBytes?: number | undefined;
  /** The grace of work that runs at its deadline although nobody has stopped it. @defaultValue 10,000 ms */
  readonly overdueGraceMs?: number | undefined;
}

const localEngine: DockerAddress = { socketPath: "/var/run/docker.sock" };

/** How long the engine may take to say that it is well, in milliseconds. */
const healthMs = 5_000;

/** How long an engine that is away may hold up a removal, in milliseconds. */
const removeMs = 30_000;

/**
 * Runs each task in a container of its own, from the images and commands of a {@link DockerSpec}; a task chooses among
 * them with its attributes `image` and `command` and can change nothing else. The container gets the task as JSON in
 * the variable `MAYFLY_TASK`. Its exit code is the result: 0 is complete, anything else `failed`.
 *
 * Containers are safe by default: an unprivileged user, a read-only file system but for `/tmp`, no capabilities, no new
 * privileges, no network, and limits on memory, CPU, processes and logs.
 *
 * Work outlives the scheduler: a container is kept until it is destroyed, and any process that reaches the engine can
 * wait for it, stop it and remove it. Docker itself knows no deadline: work that is overdue is stopped by the process
 * that waits for it, and after a crash by the next one, which finds the container by its labels.
 *
 * ```ts
 * const runtime = await DockerRuntime.connect({
 *   images: { tools: { image: "registry:5000/tools:1.2", commands: { convert: ["convert", "--all"] } } },
 * });
 * ```
 */
export class DockerRuntime extends Runtime<DockerHandle> implements Recoverable<DockerHandle>, Checkable {
  readonly kind = "docker";
  /** The engine: its id and the name of its host. */
  readonly scope: string;
  readonly #spec: DockerSpec;
  readonly #engine: DockerEngine;
  readonly #pullers = new Map<ImageSpec, ImagePuller>();
  readonly #watches = new Map<string, ContainerWatch>();
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #instance: string | undefined;
  readonly #startTimeoutMs: number;
  readonly #maxLogBytes: number;
  readonly #overdueGraceMs: number;

  /**
   * Talks to no engine yet; {@link DockerRuntime.connect} asks it for its scope.
   *
   * @param scope - names the engine, the same in every process that reaches it, and no other engine
   * @throws ZodError when the spec is not valid
   */
  constructor(scope: string, spec: DockerSpecInput, options: DockerRuntimeOptions = {}) {
    super();
    this.scope = scope;
    this.#spec = dockerSpecSchema.parse(spec);
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#instance = options.instance;
    this.#startTimeoutMs = options.startTimeoutMs ?? 120_000;
    this.#maxLogBytes = options.maxLogBytes ?? 1_048_576;
    this.#overdueGraceMs = options.overdueGraceMs ?? 10_000;
    this.#engine = new DockerEngine(options.address ?? localEngine, this.#clock);
    const limits = { clock: this.#clock, timeoutMs: this.#startTimeoutMs };
    for (const image of Object.values(this.#spec.images))
      if (image.pull === "missing") this.#pullers.set(image, new ImagePuller(this.#engine, image.image, limits));
  }

  /**
   * A runtime for the engine at `options.address`, with the engine's id and host as its scope.
   *
   * @throws RuntimeError `runtime` when the engine cannot be reached; ZodError when the spec is not valid
   */
  static async connect(spec: DockerSpecInput, options: DockerRuntimeOptions = {}): Promise<DockerRuntime> {
    const valid = dockerSpecSchema.parse(spec);
    const engine = new DockerEngine(options.address ?? localEngine, options.clock ?? systemClock);
    try {
      return new DockerRuntime(await engine.id(), valid, options);
    } catch (error) {
      throw new RuntimeError("runtime", `Docker cannot be reached: ${engineMessage(error)}`, { cause: error });
    } finally {
      engine.close();
    }
  }

  /**
   * @throws RuntimeError `rejected` when the task chooses what the spec does not have, is larger than 64 KiB, or the engine
   * finds the container invalid; `runtime` when the image is missing, cannot be pulled, the engine is away or fails, or
   * the run's signal fires before the work has begun
   */
  override async start(task: Task, run: RunContext): Promise<DockerHandle> {
    const work = selectWork(this.#spec, task);
    const labelled: LabelledRun = {
      task,
      run: run.number,
      deadline: run.deadline,
      deployment: this.#spec.deployment,
      instance: this.#instance,
    };
    const options = containerOptions(work, labelled, { ...taskVariable(task), ...runVariables(task, run) });
    const start = new ContainerStart({
      engine: this.#engine,
      puller: this.#pullers.get(work.image),
      image: work.image.image,
      options,
      run: labelled,
      clock: this.#clock,
      logger: this.#logger,
      timeoutMs: this.#startTimeoutMs,
      owner: run.signal,
    });
    return { version: 1, name: options.name, id: await start.execute() };
  }

  /** Goes on asking while the engine is away. Of a run that is adopted it tells what is not logged yet. */
  override async wait(handle: DockerHandle, run: RunContext): Promise<Result> {
    const known = this.#watches.get(handle.id);
    if (known !== undefined) {
      known.follow(run);
      return known.result;
    }
    const watch = new ContainerWatch(
      {
        engine: this.#engine,
        handle,
        clock: this.#clock,
        logger: this.#logger,
        maxLogBytes: this.#maxLogBytes,
        onOverdue: () => {
          const failed = warnOf(this.#logger, handle, "overdue container not stopped");
          this.stop(handle, { graceMs: this.#overdueGraceMs }).catch(failed);
        },
      },
      run,
    );
    this.#watches.set(handle.id, watch);
    try {
      return await watch.result;
    } finally {
      this.#watches.delete(handle.id);
    }
  }

  /**
   * As long as somebody waits for the work, a stop that has failed is tried again, every 10 s.
   *
   * @throws RuntimeError `runtime` when the engine is away for longer than 30 s
   */
  override async stop(handle: DockerHandle, { graceMs }: { readonly graceMs: number }): Promise<void> {
    const watch = this.#watches.get(handle.id);
    watch?.relax();
    try {
      await stopContainer(this.#engine, handle, { clock: this.#clock, graceMs });
    } catch (error) {
      watch?.retryStop();
      throw error;
    }
  }

  /** Removes the container, running or not. @throws RuntimeError `runtime` when the engine is away for longer than 30 s */
  override async destroy(handle: DockerHandle): Promise<void> {
    try {
      await this.#engine.persist(removeMs, () => this.#engine.remove(handle.id));
    } catch (error) {
      const message = `The container ${handle.name} could not be removed: ${engineMessage(error)}`;
      throw new RuntimeError("runtime", message, { cause: error });
    }
  }

  /** Rejects when the engine cannot be reached. */
  async *list(): AsyncGenerator<Owned<DockerHandle>> {
    const wanted = [`${labels.deployment}=${this.#spec.deployment}`, labels.task];
    for (const container of await this.#engine.list(wanted)) {
      const owned = ownedBy(container);
      if (owned !== undefined) yield owned;
    }
  }

  async health(): Promise<Health> {
    try {
      await this.#engine.ping(healthMs);
      return { status: "healthy" };
    } catch (error) {
      return { status: "unhealthy", message: `Docker does not answer: ${engineMessage(error)}` };
    }
  }

  /** Ends all connections to the engine. Containers run on, and waits that have no answer yet never get one. */
  close(): void {
    for (const watch of this.#watches.values()) watch.close();
    this.#engine.close();
  }
}
