import { silentLogger } from "@mayfly/service";
import {
  type HeartbeatLeaseKeeper,
  type KeepLeasesOptions,
  type LeaseKeeper,
  StoreError,
  type StopHint,
  type Subscription,
  type TaskStore,
} from "@mayfly/store";
import type { Kernel } from "./kernel.ts";
import type { Network } from "./network.ts";
import { settings } from "./settings.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { StoreServer, StoreStep } from "./store-server.ts";

/** What a {@link StorePort} is made of. */
export interface StorePortOptions {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly server: StoreServer;
  readonly process: SimulatedProcess;
  /** What keeps the leases of the process. */
  readonly LeaseKeeper: typeof HeartbeatLeaseKeeper;
  /** Told of each call as it is sent. */
  readonly onSent: (name: StoreStep, given: readonly unknown[], process: SimulatedProcess) => void;
}

/** The store as one process sees it, through a network that is not to be trusted. */
export class StorePort implements TaskStore {
  readonly schedule: TaskStore["schedule"] = this.#step("schedule");
  readonly announced: TaskStore["announced"] = this.#step("announced");
  readonly abort: TaskStore["abort"] = this.#step("abort");
  readonly find: TaskStore["find"] = this.#step("find");
  readonly currentRun: TaskStore["currentRun"] = this.#step("currentRun");
  readonly list: TaskStore["list"] = this.#step("list");
  readonly count: TaskStore["count"] = this.#step("count");
  readonly claim: TaskStore["claim"] = this.#step("claim");
  readonly attach: TaskStore["attach"] = this.#step("attach");
  readonly heartbeat: TaskStore["heartbeat"] = this.#step("heartbeat");
  readonly progress: TaskStore["progress"] = this.#step("progress");
  readonly appendLog: TaskStore["appendLog"] = this.#step("appendLog");
  readonly readLog: TaskStore["readLog"] = this.#step("readLog");
  readonly release: TaskStore["release"] = this.#step("release");
  readonly finish: TaskStore["finish"] = this.#step("finish");
  readonly restore: TaskStore["restore"] = this.#step("restore");
  readonly expire: TaskStore["expire"] = this.#step("expire");
  readonly recover: TaskStore["recover"] = this.#step("recover");
  readonly due: TaskStore["due"] = this.#step("due");
  readonly stalled: TaskStore["stalled"] = this.#step("stalled");
  readonly reannounce: TaskStore["reannounce"] = this.#step("reannounce");
  readonly undelivered: TaskStore["undelivered"] = this.#step("undelivered");
  readonly register: TaskStore["register"] = this.#step("register");
  readonly findRegistration: TaskStore["findRegistration"] = this.#step("findRegistration");
  readonly schedulers: TaskStore["schedulers"] = this.#step("schedulers");
  readonly deregister: TaskStore["deregister"] = this.#step("deregister");
  readonly beat: TaskStore["beat"] = this.#step("beat");
  readonly leave: TaskStore["leave"] = this.#step("leave");
  readonly instances: TaskStore["instances"] = this.#step("instances");
  readonly events: TaskStore["events"] = this.#step("events");
  readonly ping: TaskStore["ping"] = this.#step("ping");
  readonly #options: StorePortOptions;

  constructor(options: StorePortOptions) {
    this.#options = options;
  }

  get shards(): number {
    return this.#options.server.store.shards;
  }

  async open(): Promise<void> {}

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}

  keepLeases(options: KeepLeasesOptions): LeaseKeeper {
    return new this.#options.LeaseKeeper({
      store: this,
      clock: this.#options.process.clock,
      logger: silentLogger,
      ...options,
    });
  }

  watchDone(id: string, listener: () => void): Promise<Subscription> {
    return this.#watch((tell) => this.#options.server.store.watchDone(id, () => tell(undefined)), listener);
  }

  watchStops(instanceId: string, listener: (stop: StopHint) => void): Promise<Subscription> {
    return this.#watch((tell) => this.#options.server.store.watchStops(instanceId, tell), listener);
  }

  async #watch<Hint>(
    subscribe: (tell: (hint: Hint) => void) => Promise<Subscription>,
    listener: (hint: Hint) => void,
  ): Promise<Subscription> {
    const { kernel, network, process } = this.#options;
    if (!network.reachesStore(process)) throw unavailable("watch");
    let isOpen = true;
    const subscription = await subscribe((hint) => {
      if (network.losesHint(process)) return;
      kernel.after(network.latencyMs(), () => isOpen && listener(hint), process);
    });
    const close = (): void => {
      isOpen = false;
      subscription.close();
    };
    process.onDeath(close);
    return { close };
  }

  #step<Name extends StoreStep>(name: Name): TaskStore[Name] {
    const step = (...given: Parameters<TaskStore[Name]>): Promise<unknown> => this.#send(name, given);
    return step as TaskStore[Name];
  }

  #send<Name extends StoreStep>(name: Name, given: Parameters<TaskStore[Name]>): Promise<unknown> {
    const { kernel, network, server, process, onSent } = this.#options;
    return new Promise((resolve, reject) => {
      if (!process.isAlive) return;
      onSent(name, given, process);
      const fate = network.callFate(process, { isClaim: name === "claim", timeoutMs: settings.callTimeoutMs });
      const execute = (): Promise<unknown> => server.call(name, given, process);
      const fail = (afterMs: number): void => {
        network.disturb(process, afterMs + settings.sweepMs + 100);
        kernel.after(afterMs, () => reject(unavailable(name)), process);
      };
      const answer = (backMs: number): void => {
        execute().then(
          (answered) => kernel.after(backMs, () => resolve(answered), process),
          (error: Error) => kernel.after(backMs, () => reject(error), process),
        );
      };
      switch (fate.kind) {
        case "away":
          return fail(fate.afterMs);
        case "answer_lost":
          execute().catch(() => undefined);
          return fail(settings.callTimeoutMs);
        case "late":
          kernel.after(fate.afterMs, () => void execute().catch(() => undefined));
          return fail(settings.callTimeoutMs);
        case "stuck":
          network.stick((given as Parameters<TaskStore["claim"]>)[0].announcement.id, () => {
            execute().catch(() => undefined);
          });
          return fail(settings.callTimeoutMs);
        case "done":
          if (fate.thereMs === 0) answer(fate.backMs);
          else kernel.after(fate.thereMs, () => answer(fate.backMs));
      }
    });
  }
}

function unavailable(name: string): StoreError {
  return new StoreError("unavailable", `The simulated store has not answered ${name}.`);
}
