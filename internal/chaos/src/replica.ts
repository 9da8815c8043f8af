import { createWriteStream, type WriteStream } from "node:fs";
import { join } from "node:path";
import { type ExitStatus, type FaultProxy, freePort, OwnedProcess, startProxy } from "@mayfly/test-services";
import type { ProcessName } from "./deployment.ts";
import type { ProcessExit } from "./history.ts";

/** What a {@link Replica} is. */
export interface ReplicaOptions {
  readonly name: ProcessName;
  /** The program: the path of its `main.js`. */
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Where its logs go, in a file of its name. */
  readonly logs: string;
  readonly redisPort: number;
  readonly amqpPort: number;
  readonly vhost: string;
  /** Told of each end of its process. */
  readonly onExit: (exit: ProcessExit) => void;
}

/** How long a process may take to drain before that is a fault of its own, in milliseconds. */
const drainLimitMs = 30_000;
/** After how long a process that has ended without being asked to is started again, in milliseconds. */
const restartAfterMs = 1_000;

/** One process of the run, which reaches its services through proxies of its own and is started again when it ends. */
export class Replica {
  readonly name: ProcessName;
  readonly redis: FaultProxy;
  readonly amqp: FaultProxy;
  /** The port of its HTTP API, or of its health. */
  readonly port: number;
  readonly #options: ReplicaOptions;
  readonly #log: WriteStream;
  #process: OwnedProcess | undefined;
  #expected: "nothing" | "any end" | "a drain" = "nothing";
  #isClosed = false;

  private constructor(options: ReplicaOptions, proxies: readonly [FaultProxy, FaultProxy], port: number) {
    this.name = options.name;
    this.#options = options;
    [this.redis, this.amqp] = proxies;
    this.port = port;
    this.#log = createWriteStream(join(options.logs, `${options.name}.log`), { flags: "a" });
  }

  /** Makes its proxies and starts its process. */
  static async start(options: ReplicaOptions): Promise<Replica> {
    const proxies = await Promise.all([startProxy(options.redisPort), startProxy(options.amqpPort)]);
    const replica = new Replica(options, proxies, await freePort());
    await replica.start();
    return replica;
  }

  /** The process that runs now, or that ran last. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Starts its process, with variables beside its own. Nothing happens when it runs already. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    if (this.#isClosed || this.#process?.isRunning) return;
    const { program, cwd } = this.#options;
    this.#expected = "nothing";
    const started = await OwnedProcess.spawn({
      command: process.execPath,
      args: [program],
      cwd,
      env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", ...this.#env(), ...env },
      onOutput: (_stream, text) => this.#log.write(text),
    });
    this.#process = started;
    void started.exited.then((status) => this.#onExit(started, status));
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.signal(signal);
  }

  /** Ends its process with SIGKILL. */
  async kill(): Promise<void> {
    this.#expected = "any end";
    await this.#process?.kill();
  }

  /** Lets its process drain (SIGTERM), which must end with code 0, or by the signal while it has only just begun. */
  async drain(): Promise<void> {
    this.#expected = "a drain";
    await this.#process?.end(drainLimitMs);
  }

  /** Its process may end by itself from now on; resolves when it has, or with false after `limitMs`. */
  async mayEnd(limitMs: number): Promise<boolean> {
    this.#expected = "any end";
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), limitMs);
    });
    const hasEnded = await Promise.race([late, this.#process?.exited.then(() => true) ?? true]);
    clearTimeout(timer);
    return hasEnded;
  }

  /** Whether its process says that it can do its work. */
  async isReady(): Promise<boolean> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.port}/readyz`, { signal: AbortSignal.timeout(2_000) });
      await response.text();
      return response.ok;
    } catch {
      return false;
    }
  }

  /** Ends it for good, at once. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.kill();
    await Promise.all([this.redis.close(), this.amqp.close()]);
    await new Promise((resolve) => this.#log.end(resolve));
  }

  #env(): Readonly<Record<string, string>> {
    const { env, vhost } = this.#options;
    return {
      ...env,
      MAYFLY_REDIS_URL: `redis://127.0.0.1:${this.redis.port}`,
      MAYFLY_AMQP_URL: `amqp://guest:guest@127.0.0.1:${this.amqp.port}/${encodeURIComponent(vhost)}`,
      MAYFLY_PORT: String(this.port),
      MAYFLY_HEALTH_PORT: String(this.port),
    };
  }

  #onExit({ pid }: OwnedProcess, { code, signal }: ExitStatus): void {
    const expected = this.#expected;
    const hasDrained = expected === "a drain" && (code === 0 || signal === "SIGTERM");
    const isExpected = this.#isClosed || expected === "any end" || hasDrained;
    this.#options.onExit({ name: this.name, pid, atMs: Date.now(), code, signal, isExpected });
    if (expected !== "nothing" || this.#isClosed) return;
    setTimeout(() => void this.start().catch(() => undefined), restartAfterMs).unref();
  }
}
