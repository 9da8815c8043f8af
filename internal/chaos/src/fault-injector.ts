import { type Clock, type CrashPoint, errorMessage } from "@mayfly/service";
import type { FaultProxy, Slowness } from "@mayfly/test-services";
import { type Cluster, vhost } from "./cluster.ts";
import { instancesOf, type ProcessName, processNames, type SchedulerName, schedulerNames } from "./deployment.ts";
import type { PlannedFault } from "./fault-plan.ts";
import type { FaultSpan } from "./history.ts";
import type { Replica } from "./replica.ts";
import { untilWritten } from "./until-written.ts";

/** How long a process with an armed crash point may take to reach it, in milliseconds; then it is killed. */
const crashLimitMs = 10_000;
/** How long queues may take to be declared anew before the broker is killed all the same, and how often it is asked. */
const declareLimitMs = 20_000;
const declarePauseMs = 250;

/** Where each program may be made to die; each step is passed often. */
const crashPoints = {
  "crash-api": ["dispatcher.after_store_write", "dispatcher.after_publish", "dispatcher.before_reply"],
  "crash-scheduler": [
    "scheduler.after_claim",
    "scheduler.while_running",
    "scheduler.after_end",
    "scheduler.after_finish",
  ],
  "crash-timeout": ["sweeper.after_taking", "sweeper.after_publish", "sweeper.after_expire"],
} as const satisfies Readonly<Record<string, readonly CrashPoint[]>>;

/** What a {@link FaultInjector} works on. */
export interface FaultInjectorOptions {
  readonly cluster: Cluster;
  readonly clock: Clock;
  /** Told of each fault that has been undone. */
  readonly onFault: (span: FaultSpan) => void;
  /** Told of each fault that could not be injected or undone. */
  readonly onFailure: (message: string) => void;
}

/** Injects faults, any number at a time, each for as long as it is planned. */
export class FaultInjector {
  readonly #options: FaultInjectorOptions;
  readonly #current = new Set<PlannedFault>();

  constructor(options: FaultInjectorOptions) {
    this.#options = options;
  }

  /** What is going on now: a word each. */
  get current(): readonly string[] {
    return [...this.#current].map(({ kind, target }) => `${kind}(${target})`);
  }

  /** Resolves when the fault has been undone. Never rejects. */
  async inject(fault: PlannedFault): Promise<void> {
    const { onFault, onFailure } = this.#options;
    const fromMs = Date.now();
    const pids = this.#pidsOf(fault);
    this.#current.add(fault);
    try {
      await this.#perform(fault);
    } catch (error) {
      onFailure(`Fault ${fault.number}, ${fault.kind} on ${fault.target}: ${errorMessage(error)}`);
    } finally {
      this.#current.delete(fault);
      onFault({ number: fault.number, kind: fault.kind, target: fault.target, pids, fromMs, untilMs: Date.now() });
    }
  }

  async #perform(fault: PlannedFault): Promise<void> {
    const { rabbit, redis } = this.#options.cluster;
    switch (fault.kind) {
      case "kill-api":
      case "kill-scheduler":
      case "kill-timeout":
        return await this.#restartAfter(fault, (replica) => replica.kill());
      case "drain-api":
      case "drain-scheduler":
      case "drain-timeout":
        return await this.#restartAfter(fault, (replica) => replica.drain());
      case "crash-api":
      case "crash-scheduler":
      case "crash-timeout":
        return await this.#crash(fault, crashPoints[fault.kind]);
      case "freeze-api":
      case "freeze-scheduler":
      case "freeze-timeout":
        return await this.#freeze([this.#replica(fault.target)], () => this.#hold(fault));
      case "restart-broker":
        await rabbit.stop();
        await this.#hold(fault);
        return await rabbit.restart();
      case "kill-broker":
        await this.#untilDeclared();
        await rabbit.control.settle();
        await rabbit.kill();
        await this.#hold(fault);
        return await rabbit.restart();
      case "kill-redis":
        await untilWritten(redis.port);
        await redis.kill();
        await this.#hold(fault);
        return await redis.restart();
      case "freeze-redis":
        redis.pause();
        await this.#hold(fault);
        return redis.resume();
      case "cut-redis":
      case "cut-amqp":
        for (const proxy of this.#proxies(fault)) proxy.cut();
        return;
      case "half-open-redis":
      case "half-open-amqp":
        for (const proxy of this.#proxies(fault)) proxy.halfOpen(true);
        await this.#hold(fault);
        for (const proxy of this.#proxies(fault)) proxy.halfOpen(false);
        return;
      case "slow-redis":
      case "slow-amqp":
        return await this.#slow(fault);
      case "purge-queue":
        return await this.#withFullQueue(fault, () => rabbit.control.purgeQueue(vhost, fault.target));
      case "delete-queue":
        return await this.#withFullQueue(fault, () => rabbit.control.deleteQueue(vhost, fault.target));
    }
  }

  async #restartAfter(fault: PlannedFault, end: (replica: Replica) => Promise<void>): Promise<void> {
    const replica = this.#replica(fault.target);
    await end(replica);
    await this.#hold(fault);
    await replica.start();
  }

  async #crash(fault: PlannedFault, points: readonly CrashPoint[]): Promise<void> {
    const replica = this.#replica(fault.target);
    const point = points[Math.floor(fault.choice * points.length)] ?? points[0];
    await replica.kill();
    await replica.start({ MAYFLY_CRASH_POINT: `${point}:5` });
    if (!(await replica.mayEnd(crashLimitMs))) await replica.kill();
    await this.#hold(fault);
    await replica.start();
  }

  async #freeze(replicas: readonly Replica[], meanwhile: () => Promise<void>): Promise<void> {
    for (const replica of replicas) replica.signal("SIGSTOP");
    try {
      await meanwhile();
    } finally {
      for (const replica of replicas) replica.signal("SIGCONT");
    }
  }

  async #slow(fault: PlannedFault): Promise<void> {
    const slowness: Slowness =
      fault.choice < 0.5 ? { delayMs: 20 + fault.choice * 800 } : { bytesPerSecond: 20_000 + fault.choice * 200_000 };
    for (const proxy of this.#proxies(fault)) proxy.slow(slowness);
    await this.#hold(fault);
    for (const proxy of this.#proxies(fault)) proxy.slow({});
  }

  /** While the instances of a scheduler stand still, its queue fills: what is then done to it hits messages. */
  async #withFullQueue(fault: PlannedFault, strike: () => Promise<void>): Promise<void> {
    const instances = instancesOf(fault.target as SchedulerName).map((name) => this.#replica(name));
    await this.#freeze(instances, async () => {
      await this.#hold(fault);
      await strike();
    });
  }

  /** The broker saves a new queue late, and would lose one that is declared anew between `settle` and its death. */
  async #untilDeclared(): Promise<void> {
    const { cluster, clock } = this.#options;
    const endMs = clock.monotonicMs() + declareLimitMs;
    while (clock.monotonicMs() < endMs) {
      const queues = await cluster.rabbit.control.listQueues(vhost);
      if (schedulerNames.every((scheduler) => queues.some(({ name }) => name === scheduler))) return;
      await clock.sleep(declarePauseMs);
    }
  }

  async #hold({ holdMs }: PlannedFault): Promise<void> {
    await this.#options.clock.sleep(holdMs);
  }

  #proxies({ kind, target }: PlannedFault): readonly FaultProxy[] {
    const names = target === "all" ? processNames() : [target];
    return names.map((name) => {
      const replica = this.#replica(name);
      return kind.endsWith("redis") ? replica.redis : replica.amqp;
    });
  }

  #pidsOf({ kind, target }: PlannedFault): readonly number[] {
    if (kind === "purge-queue" || kind === "delete-queue") {
      return instancesOf(target as SchedulerName).map((name) => this.#replica(name).pid);
    }
    const replica = this.#options.cluster.replicas.get(target as ProcessName);
    return replica === undefined || /amqp$|redis$/.test(kind) ? [] : [replica.pid];
  }

  #replica(name: string): Replica {
    const replica = this.#options.cluster.replicas.get(name as ProcessName);
    if (replica === undefined) throw new Error(`There is no process ${name}.`);
    return replica;
  }
}
