import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { orphanGuard } from "./orphan-guard.ts";
import type { OwnedProcess } from "./owned-process.ts";
import { RabbitControl } from "./rabbit-control.ts";
import { RabbitNode, startNames } from "./rabbit-node.ts";
import { waitUntil } from "./redis-cluster-command.ts";
import { nodeNameOf, prepareRabbit, type RabbitAccess } from "./rabbit-settings.ts";

interface Member {
  readonly access: RabbitAccess;
  readonly control: RabbitControl;
  readonly node: RabbitNode;
}

/**
 * A private RabbitMQ cluster of three nodes on this machine: a quorum queue has a member on each, and works while two of
 * them do. Nodes are named by their index, 0 to 2.
 */
export class RabbitCluster implements AsyncDisposable {
  readonly #dir: string;
  readonly #names: OwnedProcess;
  readonly #members: readonly Member[];

  private constructor(dir: string, names: OwnedProcess, members: readonly Member[]) {
    this.#dir = dir;
    this.#names = names;
    this.#members = members;
  }

  /** @internal Use {@link startRabbitCluster}. */
  static async start(): Promise<RabbitCluster> {
    const dir = await mkdtemp(join(tmpdir(), "mayfly-rabbits-"));
    orphanGuard.removeAtEnd(dir);
    const [first, ...others] = await prepareMembers(dir);
    const names = await startNames(first);
    try {
      // The others find the first one and join it.
      const members = [await startMember(first), ...(await Promise.all(others.map(startMember)))];
      return new RabbitCluster(dir, names, members);
    } catch (error) {
      await names.kill();
      throw error;
    }
  }

  /** Plain data from which another process makes a {@link RabbitControl}, which manages the cluster through node 0. */
  get access(): RabbitAccess {
    const [first, ...others] = this.#members.map(({ access }) => access);
    return { ...(first as RabbitAccess), peerPorts: others.map(({ port }) => port) };
  }

  /** The addresses of the nodes, for the virtual host `/`. */
  get urls(): readonly string[] {
    return this.urlsOf("/");
  }

  /** The addresses of the nodes, for a virtual host. */
  urlsOf(vhost: string): readonly string[] {
    return this.#members.map(({ control }) => control.url(vhost));
  }

  /** Manages the cluster through this node, which must run. */
  control(index: number): RabbitControl {
    return this.#member(index).control;
  }

  /** Makes a virtual host, and gives its addresses when every node serves it. All nodes must run. */
  async createVhost(name: string): Promise<readonly string[]> {
    return (await new RabbitControl(this.access).createVhost(name)).split(",");
  }

  /** The node that leads a quorum queue now, or undefined when none does, in the eyes of the node `asked`. */
  async leaderOf(vhost: string, queue: string, asked = 0): Promise<number | undefined> {
    const text = await this.control(asked).run(
      "list_queues",
      "--vhost",
      vhost,
      "--formatter",
      "json",
      "name",
      "leader",
    );
    const rows = JSON.parse(text) as readonly Readonly<Record<string, unknown>>[];
    const leader = rows.find((row) => row["name"] === queue)?.["leader"];
    const index = this.#members.findIndex(({ access }) => access.nodeName === leader);
    return index < 0 ? undefined : index;
  }

  /** Makes a node, which must run, the leader of a quorum queue. */
  async lead(vhost: string, queue: string, index: number): Promise<void> {
    const { nodeName } = this.#member(index).access;
    const name = `rabbit_misc:r(<<"${vhost}">>, queue, <<"${queue}">>)`;
    const transfer = `rabbit_quorum_queue:transfer_leadership(Q, '${nodeName}')`;
    await waitUntil(`node ${index} leads`, async () => {
      // Each time: a member that lags behind does not become the leader.
      await this.control(index).run("eval", `{ok, Q} = rabbit_amqqueue:lookup(${name}), ${transfer}.`);
      return (await this.leaderOf(vhost, queue, index)) === index;
    });
  }

  /** The nodes through which a queue is consumed, one for each consumer. */
  async consumersOf(vhost: string, queue: string): Promise<readonly number[]> {
    const table = await this.control(0).run("list_consumers", "--vhost", vhost, "queue_name", "channel_pid");
    // Only in this format a process is named together with its node.
    const channels = table.split("\n").filter((line) => line.startsWith(`${queue}\t`));
    return channels.map((line) => this.#members.findIndex(({ access }) => line.includes(access.nodeName)));
  }

  /** How many nodes run, in the eyes of the node `asked`. */
  async running(asked = 0): Promise<number> {
    const nodes = await this.control(asked).run("eval", "length(rabbit_mnesia:cluster_nodes(running)).");
    return Number(nodes);
  }

  /** Ends a node with SIGKILL; its data stay. See `control.settle` for queues that are younger than a second. */
  async kill(index: number): Promise<void> {
    await this.#member(index).node.kill();
  }

  /** Stops a node, if it runs, and starts it again on the same port and data. */
  async restart(index: number): Promise<void> {
    await this.#member(index).node.restart();
  }

  /** Ends all nodes and their name service, and deletes their folders. Idempotent. */
  async close(): Promise<void> {
    await Promise.all(this.#members.map(({ node }) => node.kill()));
    await this.#names.kill();
    await rm(this.#dir, { recursive: true, force: true, maxRetries: 5 });
  }

  /** {@link RabbitCluster.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #member(index: number): Member {
    const member = this.#members[index];
    if (member === undefined) throw new Error(`The cluster has no node ${index}.`);
    return member;
  }
}

/** Starts a cluster of three nodes on 127.0.0.1, and resolves once all of them serve (20 to 60 s). */
export async function startRabbitCluster(): Promise<RabbitCluster> {
  return await RabbitCluster.start();
}

async function startMember(access: RabbitAccess): Promise<Member> {
  return { access, control: new RabbitControl(access), node: await RabbitNode.start(access) };
}

async function prepareMembers(dir: string): Promise<readonly [RabbitAccess, RabbitAccess, RabbitAccess]> {
  const epmdPort = await freePort();
  const cookie = `mayfly${Math.random().toString(36).slice(2)}`;
  const ports = [await freePort(), await freePort(), await freePort()] as const;
  const peers = ports.map(nodeNameOf);
  const prepare = async (port: number): Promise<RabbitAccess> => {
    const folder = join(dir, String(port));
    await mkdir(folder);
    return await prepareRabbit(folder, { port, epmdPort, cookie, peers });
  };
  return [await prepare(ports[0]), await prepare(ports[1]), await prepare(ports[2])];
}
