import { Dispatcher } from "@mayfly/dispatcher";
import { Scheduler } from "@mayfly/scheduler-sdk";
import type { Service } from "@mayfly/service";
import { Sweeper } from "@mayfly/sweeper";
import { Environment } from "./environment.ts";
import { QueuePort } from "./queue-port.ts";
import { settings } from "./settings.ts";
import { SimulatedProcess } from "./simulated-process.ts";
import { RecoverableRuntime, SimulatedRuntime } from "./simulated-runtime.ts";
import { StorePort, type StorePortOptions } from "./store-port.ts";
import type { Broker } from "./broker.ts";
import type { Kernel } from "./kernel.ts";
import type { Network } from "./network.ts";
import type { StoreServer } from "./store-server.ts";
import type { Work, WorkLog } from "./work-log.ts";

/** What runs somewhere. */
export type Program =
  | { readonly kind: "api" }
  | { readonly kind: "sweeper" }
  | {
      readonly kind: "scheduler";
      readonly scheduler: string;
      readonly concurrency: number;
      /** Whether its work outlives it. */
      readonly isRecoverable: boolean;
      readonly backoffMs: number | undefined;
    };

/** What a {@link Place} is in: a whole deployment. */
export interface Surroundings {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly broker: Broker;
  readonly server: StoreServer;
  readonly works: WorkLog;
  /** Where work goes on that outlives schedulers. */
  readonly host: Environment;
  /** Whether nothing is to be started any more. */
  readonly isOver: boolean;
  readonly LeaseKeeper: StorePortOptions["LeaseKeeper"];
  readonly onSent: StorePortOptions["onSent"];
  readonly onBegin: (work: Work, place: Place) => void;
  onStopped(process: SimulatedProcess): void;
}

/** Where a program runs: when it has died, it is started again. */
export class Place {
  readonly name: string;
  readonly program: Program;
  /** The present process; dead between two starts. */
  process: SimulatedProcess;
  /** What it serves, when it is an API. */
  dispatcher: Dispatcher | undefined;
  readonly #world: Surroundings;
  #service: Service | undefined;
  #starts = 0;

  constructor(world: Surroundings, name: string, program: Program) {
    this.#world = world;
    this.name = name;
    this.program = program;
    this.process = this.start();
  }

  /** Starts the program anew. One that cannot start ends, and is started again a while later. */
  start(): SimulatedProcess {
    const { kernel } = this.#world;
    const process = new SimulatedProcess({
      kernel,
      kind: this.program.kind,
      name: `${this.name}.${++this.#starts}`,
    });
    this.process = process;
    kernel.after(
      0,
      () => {
        this.#service = this.#build(process);
        this.#service?.start().catch(() => {
          process.kill();
          kernel.after(1_000, () => this.#revive(process));
        });
      },
      process,
    );
    return process;
  }

  /** Ends the program, and starts it again after `forMs`. */
  crash(forMs: number): void {
    const { process } = this;
    process.kill();
    this.#world.kernel.after(forMs, () => this.#revive(process));
  }

  /**
   * Tells the program to stop, as SIGTERM does, and starts it again when it has ended. A scheduler has to end within its
   * grace, and nothing may go on in it then (I14).
   */
  drain(): void {
    const { kernel } = this.#world;
    const { process } = this;
    const service = this.#service;
    if (service === undefined || !process.isAlive || process.stoppingSinceMs !== undefined) return;
    const stop = (): Promise<void> =>
      service instanceof Scheduler ? service.stop({ graceMs: settings.drainGraceMs }) : service.stop();
    kernel.after(
      0,
      () => {
        process.stoppingSinceMs = kernel.nowMs;
        void stop().then(() => {
          this.#world.onStopped(process);
          process.kill();
          kernel.after(1_000, () => this.#revive(process));
        });
      },
      process,
    );
  }

  #revive(dead: SimulatedProcess): void {
    if (this.process === dead && !this.#world.isOver) this.start();
  }

  #build(process: SimulatedProcess): Service | undefined {
    const { kernel, network, broker, server, LeaseKeeper, onSent } = this.#world;
    const store = new StorePort({ kernel, network, server, process, LeaseKeeper, onSent });
    const queue = new QueuePort({ kernel, network, broker, process });
    const { clock } = process;
    const ports = { store, queue, clock };
    switch (this.program.kind) {
      case "api":
        this.dispatcher = new Dispatcher({ ...ports, retentionMs: settings.retentionMs });
        return undefined;
      case "sweeper":
        return new Sweeper({
          ...ports,
          sweepMs: settings.sweepMs,
          recoverAfterMs: settings.leaseMs,
          reannounceAfterMs: settings.reannounceAfterMs,
        });
      case "scheduler": {
        const { scheduler, concurrency, backoffMs } = this.program;
        return new Scheduler({
          ...ports,
          name: scheduler,
          runtime: this.#runtime(process, this.program.isRecoverable),
          concurrency,
          leaseMs: settings.leaseMs,
          holdMs: settings.holdMs,
          stopGraceMs: settings.stopGraceMs,
          maxAttempts: settings.maxAttempts,
          retry: backoffMs === undefined ? undefined : { backoffMs },
        });
      }
    }
  }

  #runtime(process: SimulatedProcess, isRecoverable: boolean): SimulatedRuntime {
    const { kernel, works, host, onBegin } = this.#world;
    const given = { process, works, onBegin: (work: Work) => onBegin(work, this) };
    return isRecoverable
      ? new RecoverableRuntime({ ...given, environment: host })
      : new SimulatedRuntime({ ...given, environment: new Environment({ kernel, process }) });
  }
}
