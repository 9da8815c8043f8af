import { join } from "node:path";
import { OwnedProcess } from "./owned-process.ts";
import type { RabbitAccess } from "./rabbit-settings.ts";
import { Readiness } from "./readiness.ts";

/** The process of one RabbitMQ node, which can be ended and started again on the same port and data. */
export class RabbitNode {
  readonly #access: RabbitAccess;
  #process: OwnedProcess;

  private constructor(access: RabbitAccess, started: OwnedProcess) {
    this.#access = access;
    this.#process = started;
  }

  /** Starts a node, whose name service runs, and resolves once it serves. */
  static async start(access: RabbitAccess): Promise<RabbitNode> {
    return new RabbitNode(access, await launch(access));
  }

  /** The id of the process that runs now, or that ran last. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Ends it in order. A second call does nothing. */
  async stop(): Promise<void> {
    if (this.#process.isRunning) await this.#process.end(20_000);
  }

  /** Ends it with SIGKILL. */
  async kill(): Promise<void> {
    await this.#process.kill();
  }

  /** Stops it, if it runs, and starts it again. */
  async restart(): Promise<void> {
    await this.stop();
    this.#process = await launch(this.#access);
  }

  /** Sends a signal to it. */
  signal(signal: NodeJS.Signals): void {
    this.#process.signal(signal);
  }
}

/** Starts the name service (epmd) of private nodes. */
export async function startNames(access: RabbitAccess): Promise<OwnedProcess> {
  return await OwnedProcess.spawn({
    command: "epmd",
    args: ["-port", String(access.epmdPort), "-address", "127.0.0.1"],
    env: access.env,
    cwd: access.dir,
  });
}

async function launch(access: RabbitAccess): Promise<OwnedProcess> {
  const readiness = new Readiness(/completed with \d+ plugins/);
  const node = await OwnedProcess.spawn({
    command: join(access.programs, "rabbitmq-server"),
    args: [],
    env: access.env,
    cwd: access.dir,
    onOutput: (_stream, text) => readiness.push(text),
  });
  await readiness.of(`rabbitmq-server ${access.nodeName}`, node, 120_000);
  return node;
}
