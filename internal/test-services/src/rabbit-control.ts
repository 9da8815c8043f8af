import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { memoryLimit, type RabbitAccess } from "./rabbit-settings.ts";

const run = promisify(execFile);

/** A queue as the broker sees it. The numbers of a quorum queue are up to half a second old. */
export interface QueueStatus {
  readonly name: string;
  readonly messages: number;
  readonly ready: number;
  readonly unacknowledged: number;
  readonly consumers: number;
}

/**
 * Manages a private node through `rabbitmqctl`, from any process that knows where the node lives; or a cluster, of which
 * this node is one.
 */
export class RabbitControl {
  readonly #access: RabbitAccess;

  constructor(access: RabbitAccess) {
    this.#access = access;
  }

  /** The address of a virtual host, those of a cluster's nodes separated by commas; `/` is there from the start. */
  url(vhost = "/"): string {
    const { port, peerPorts = [] } = this.#access;
    const path = encodeURIComponent(vhost);
    return [port, ...peerPorts].map((each) => `amqp://guest:guest@127.0.0.1:${each}/${path}`).join(",");
  }

  /** Makes a virtual host of which the user `guest` may do everything, and gives its address once it is served. */
  async createVhost(name: string): Promise<string> {
    const permission = { user: "guest", vhost: name, configure: ".*", write: ".*", read: ".*" };
    const file = join(this.#access.dir, `vhost-${encodeURIComponent(name)}.json`);
    await writeFile(file, JSON.stringify({ vhosts: [{ name }], permissions: [permission] }));
    await this.run("import_definitions", file);
    if (this.#access.peerPorts !== undefined) {
      await this.run("eval", `ok = rabbit_vhost:await_running_on_all_nodes(<<"${name}">>, 30000).`);
    }
    return this.url(name);
  }

  /** Deletes a virtual host with its queues; its connections are closed. */
  async deleteVhost(name: string): Promise<void> {
    await this.run("delete_vhost", name);
  }

  async listQueues(vhost = "/"): Promise<readonly QueueStatus[]> {
    const columns = ["name", "messages", "messages_ready", "messages_unacknowledged", "consumers"];
    const rows: unknown = JSON.parse(
      await this.run("list_queues", "--vhost", vhost, "--formatter", "json", "--online", ...columns),
    );
    return Array.isArray(rows) ? rows.map(toQueueStatus) : [];
  }

  /** Throws away what is ready in a queue. */
  async purgeQueue(vhost: string, queue: string): Promise<void> {
    await this.run("purge_queue", "--vhost", vhost, queue);
  }

  async deleteQueue(vhost: string, queue: string): Promise<void> {
    await this.run("delete_queue", "--vhost", vhost, queue);
  }

  /** Closes the connections of a virtual host from the broker's side. */
  async closeConnections(vhost = "/"): Promise<void> {
    await this.run("close_all_connections", "--vhost", vhost, "closed by a test");
  }

  /** Makes the broker believe that it is out of memory: it blocks its publishers. */
  async raiseMemoryAlarm(): Promise<void> {
    await this.run("set_vm_memory_high_watermark", "0");
  }

  async clearMemoryAlarm(): Promise<void> {
    await this.run("set_vm_memory_high_watermark", "absolute", memoryLimit);
  }

  /**
   * Writes what the broker still holds back of its quorum queues. RabbitMQ saves the list of them half a second
   * late, and the broker may not be killed in that time: the queue would come back empty and without a leader,
   * whatever was confirmed. Call it between declaring queues and `kill`.
   */
  async settle(): Promise<void> {
    await this.run("eval", "[dets:sync(Table) || Table <- dets:all()].");
  }

  /** Runs any command of `rabbitmqctl` and gives its output; rejects when it fails. */
  async run(...args: readonly string[]): Promise<string> {
    const { programs, dir, env } = this.#access;
    const { stdout } = await run(join(programs, "rabbitmqctl"), ["-q", ...args], { cwd: dir, env: { ...env } });
    return stdout;
  }
}

function toQueueStatus(row: Readonly<Record<string, unknown>>): QueueStatus {
  return {
    name: String(row["name"]),
    messages: Number(row["messages"]),
    ready: Number(row["messages_ready"]),
    unacknowledged: Number(row["messages_unacknowledged"]),
    consumers: Number(row["consumers"]),
  };
}
