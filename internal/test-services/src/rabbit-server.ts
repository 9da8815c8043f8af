import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { orphanGuard } from "./orphan-guard.ts";
import type { OwnedProcess } from "./owned-process.ts";
import { RabbitControl } from "./rabbit-control.ts";
import { RabbitNode, startNames } from "./rabbit-node.ts";
import { prepareRabbit, type RabbitAccess } from "./rabbit-settings.ts";

/** How a private RabbitMQ node is started. */
export interface RabbitOptions {
  /** @defaultValue a free port */
  readonly port?: number;
}

/**
 * A private RabbitMQ node with a name service (epmd), ports, cookie and folder of its own. `stop` and `kill`
 * leave its data, so that `restart` brings it back on the same port; `remove` (or `await using`) ends
 * everything that belongs to it and deletes its folder.
 */
export class RabbitServer {
  /** Plain data from which another process makes a {@link RabbitControl}. */
  readonly access: RabbitAccess;
  /** Virtual hosts, queues, alarms. */
  readonly control: RabbitControl;
  readonly #names: OwnedProcess;
  readonly #node: RabbitNode;

  private constructor(access: RabbitAccess, names: OwnedProcess, node: RabbitNode) {
    this.access = access;
    this.control = new RabbitControl(access);
    this.#names = names;
    this.#node = node;
  }

  /** @internal Use {@link startRabbit}. */
  static async start(options: RabbitOptions): Promise<RabbitServer> {
    const dir = await mkdtemp(join(tmpdir(), "mayfly-rabbit-"));
    orphanGuard.removeAtEnd(dir);
    const access = await prepareRabbit(dir, options);
    const names = await startNames(access);
    try {
      return new RabbitServer(access, names, await RabbitNode.start(access));
    } catch (error) {
      await names.kill();
      throw error;
    }
  }

  get port(): number {
    return this.access.port;
  }

  get nodeName(): string {
    return this.access.nodeName;
  }

  /** The address of the virtual host `/`. */
  get url(): string {
    return this.control.url();
  }

  /** The id of the process that runs now, or that ran last. */
  get pid(): number {
    return this.#node.pid;
  }

  /** Makes a virtual host and gives its address. */
  async createVhost(name: string): Promise<string> {
    return await this.control.createVhost(name);
  }

  /** Ends the node in order; its data stay. A second call does nothing. */
  async stop(): Promise<void> {
    await this.#node.stop();
  }

  /** Ends the node with SIGKILL; its data stay. See `control.settle` for queues that are younger than a second. */
  async kill(): Promise<void> {
    await this.#node.kill();
  }

  /** Stops the node, if it runs, and starts it again on the same port and data. */
  async restart(): Promise<void> {
    await this.#node.restart();
  }

  /** Freezes the node (SIGSTOP): connections stay open and nothing answers. */
  pause(): void {
    this.#node.signal("SIGSTOP");
  }

  /** Lets it go on after `pause`. */
  resume(): void {
    this.#node.signal("SIGCONT");
  }

  /** Ends the node and its name service and deletes its folder. */
  async remove(): Promise<void> {
    await this.#node.kill();
    await this.#names.kill();
    await rm(this.access.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove();
  }
}

/** Starts a private RabbitMQ node on 127.0.0.1 and resolves once it serves (5 to 10 s). */
export async function startRabbit(options: RabbitOptions = {}): Promise<RabbitServer> {
  return await RabbitServer.start(options);
}
