import { freePort } from "./free-port.ts";
import { commandNode, waitUntil } from "./redis-cluster-command.ts";
import { type RedisServer, startRedis } from "./redis-server.ts";

/** How a private Redis Cluster is started; everything has a default. */
export interface RedisClusterOptions {
  /** In how many parts the slots are kept, each by a primary of its own; 3 at least. @defaultValue 3 */
  readonly primaries?: number;
  /** Whether each primary has a replica that takes over when it dies. @defaultValue false */
  readonly replicas?: boolean;
  /** After how long a node that does not answer counts as dead, in milliseconds. @defaultValue 2000 */
  readonly nodeTimeoutMs?: number;
  /** More options of each `redis-server`. */
  readonly extraArgs?: readonly string[];
}

const slots = 16_384;

/**
 * Private `redis-server` processes that form a Redis Cluster: primaries with append-only files, and perhaps a replica of
 * each. A part is a primary's share of the slots, from 0; whoever leads it may change.
 */
export class RedisCluster implements AsyncDisposable {
  readonly #parts: readonly (readonly RedisServer[])[];
  readonly #killed = new Map<number, RedisServer>();

  private constructor(parts: readonly (readonly RedisServer[])[]) {
    this.#parts = parts;
  }

  /** @internal Use {@link startRedisCluster}. */
  static async start(options: RedisClusterOptions): Promise<RedisCluster> {
    const { primaries = 3, replicas = false } = options;
    const parts: RedisServer[][] = [];
    const cluster = new RedisCluster(parts);
    try {
      for (let part = 0; part < primaries; part++) {
        const servers: RedisServer[] = [];
        parts.push(servers);
        for (let member = 0; member < (replicas ? 2 : 1); member++) servers.push(await startNode(options));
      }
      await cluster.#join();
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** `redis://127.0.0.1:<port>` of each node. */
  get urls(): readonly string[] {
    return this.#servers.map(({ url }) => url);
  }

  /** All {@link RedisCluster.urls}, separated by commas, as the store takes them. */
  get url(): string {
    return this.urls.join(",");
  }

  /** How many parts there are. */
  get parts(): number {
    return this.#parts.length;
  }

  /** The server that leads a part now; rejects when none does for a minute. */
  async primary(part: number): Promise<RedisServer> {
    let primary: RedisServer | undefined;
    await waitUntil(`part ${part} has a primary`, async () => {
      for (const server of this.#partOf(part)) {
        if (server !== this.#killed.get(part) && (await isPrimary(server))) primary = server;
      }
      return primary !== undefined;
    });
    return primary as RedisServer;
  }

  /** Ends the server that leads a part with SIGKILL. Its replica, if there is one, takes over in some seconds. */
  async killPrimary(part: number): Promise<RedisServer> {
    const primary = await this.primary(part);
    this.#killed.set(part, primary);
    await primary.kill();
    return primary;
  }

  /** Starts the killed server of a part again, with its data, and resolves when the whole cluster works. */
  async restart(part: number): Promise<void> {
    await this.#killed.get(part)?.restart();
    this.#killed.delete(part);
    await this.ready();
  }

  /** Resolves when every slot is served and every running node agrees. */
  async ready(): Promise<void> {
    const running = this.#servers.filter((server) => ![...this.#killed.values()].includes(server));
    await waitUntil("the Redis Cluster is whole", async () => {
      const infos = await Promise.all(running.map(({ port }) => commandNode(port, ["CLUSTER", "INFO"])));
      return infos.every((info) => info.includes("cluster_state:ok") && info.includes(`cluster_slots_ok:${slots}`));
    });
  }

  /** Ends all servers and deletes their folders. Idempotent. */
  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.remove()));
  }

  /** {@link RedisCluster.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #servers(): readonly RedisServer[] {
    return this.#parts.flat();
  }

  #partOf(part: number): readonly RedisServer[] {
    const servers = this.#parts[part];
    if (servers === undefined) throw new RangeError(`There is no part ${part}: this cluster has ${this.parts}.`);
    return servers;
  }

  async #join(): Promise<void> {
    const primaries = this.#parts.map(([primary]) => primary as RedisServer);
    for (const [part, { port }] of primaries.entries()) {
      const [first, last] = [part, part + 1].map((at) => Math.floor((at * slots) / primaries.length));
      await commandNode(port, ["CLUSTER", "ADDSLOTSRANGE", String(first), String((last ?? slots) - 1)]);
      // Two primaries of one epoch would have to settle it first.
      await commandNode(port, ["CLUSTER", "SET-CONFIG-EPOCH", String(part + 1)]);
    }
    const [first, ...others] = this.#servers;
    for (const { port } of others) await meet(port, first as RedisServer);
    const all = this.#servers.length;
    await waitUntil("the nodes know each other", async () => {
      const infos = await Promise.all(this.#servers.map(({ port }) => commandNode(port, ["CLUSTER", "INFO"])));
      return infos.every((info) => info.includes(`cluster_known_nodes:${all}\r`));
    });
    for (const [primary, ...replicas] of this.#parts) {
      const id = await commandNode((primary as RedisServer).port, ["CLUSTER", "MYID"]);
      for (const { port } of replicas) {
        await waitUntil(
          "a replica follows",
          async () => (await commandNode(port, ["CLUSTER", "REPLICATE", id])) === "OK",
        );
        await waitUntil("a replica is in step", async () =>
          (await commandNode(port, ["INFO", "replication"])).includes("master_link_status:up"),
        );
      }
    }
    await this.ready();
  }
}

/** Starts a private Redis Cluster on 127.0.0.1 and resolves once it serves all slots (some 2 s). */
export async function startRedisCluster(options: RedisClusterOptions = {}): Promise<RedisCluster> {
  return await RedisCluster.start(options);
}

async function startNode({ nodeTimeoutMs = 2_000, extraArgs = [] }: RedisClusterOptions): Promise<RedisServer> {
  const cluster = ["--cluster-enabled", "yes", "--cluster-node-timeout", String(nodeTimeoutMs)];
  const bus = ["--cluster-port", String(await freePort())];
  return await startRedis({ extraArgs: [...cluster, ...bus, "--repl-diskless-sync-delay", "0", ...extraArgs] });
}

/** The port of the bus is not the usual one, which could be one of the kernel's. */
async function meet(port: number, other: RedisServer): Promise<void> {
  const bus = await commandNode(other.port, ["CONFIG", "GET", "cluster-port"]);
  await commandNode(port, ["CLUSTER", "MEET", "127.0.0.1", String(other.port), bus.split(/\s+/).at(-1) ?? ""]);
}

async function isPrimary({ port }: RedisServer): Promise<boolean> {
  return (await commandNode(port, ["ROLE"])).startsWith("master");
}
