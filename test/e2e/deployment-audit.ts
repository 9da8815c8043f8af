import { AmqpQueue } from "@mayfly/queue-amqp";
import { RedisStore } from "@mayfly/store-redis";
import { isTerminal, type TaskEvent } from "@mayfly/task";
import { expect } from "vitest";
import { redisKeys } from "./redis-keys.ts";
import { type System, until } from "./system.ts";

/** What may stay when every task is done and forgotten: what describes the deployment, and the capped stream of events. */
const lasting = /:(meta|schedulers|scheduler:\{[^}]+\}(:instances|:expiry)?|\{\d+\}:(events|gaps))$/;

/** Looks at a running system from the outside: at what it has told, and at what it leaves behind. */
export class DeploymentAudit implements AsyncDisposable {
  readonly store: RedisStore;
  readonly queue: AmqpQueue;
  readonly #system: System;
  #position: string | undefined;
  readonly #events: TaskEvent[] = [];

  private constructor(system: System) {
    const { services, prefix } = system;
    this.#system = system;
    this.store = new RedisStore({ url: services.redisUrl, prefix });
    this.queue = new AmqpQueue({ url: services.amqpUrl, prefix });
  }

  static async open(system: System): Promise<DeploymentAudit> {
    const audit = new DeploymentAudit(system);
    await Promise.all([audit.store.open(), audit.queue.open()]);
    return audit;
  }

  /** What has happened since the first look, oldest first. */
  async events(): Promise<readonly TaskEvent[]> {
    for (;;) {
      const page = await this.store.events({ after: this.#position, limit: 500 });
      this.#events.push(...page.events.map(({ event }) => event));
      this.#position = page.position;
      if (page.events.length === 0) return this.#events;
    }
  }

  /** Leaves out what has happened so far. */
  async forget(): Promise<void> {
    await this.events();
    this.#events.length = 0;
  }

  /** How each task has ended, in the order of `ids`, once all have: the ops of its terminal events. */
  async ends(ids: readonly string[]): Promise<readonly (readonly string[])[]> {
    await until(async () => {
      const ended = new Set((await this.events()).filter(({ op }) => isTerminal(op)).map(({ id }) => id));
      return ids.every((id) => ended.has(id));
    }, "every task has ended");
    const ops = new Map<string, string[]>(ids.map((id) => [id, []]));
    for (const { id, op } of this.#events) if (isTerminal(op)) ops.get(id)?.push(op);
    return ids.map((id) => ops.get(id) ?? []);
  }

  /** Waits until all tasks are forgotten, ends the system, and expects that it has left nothing: neither keys nor messages. */
  async expectNothingLeft(scheduler: string, ids: readonly string[]): Promise<void> {
    let left: readonly string[] = [];
    await until(async () => {
      const { services, prefix } = this.#system;
      left = (await redisKeys(services.redisUrl, `${prefix}:*`)).filter((key) => !lasting.test(key));
      return left.length === 0;
    }, "all tasks are forgotten").catch((error: unknown) => {
      throw new Error(`These keys are left: ${left.join(" ")}`, { cause: error });
    });
    for (const id of ids) {
      const ops = this.#events.filter((event) => event.id === id).map(({ op }) => op);
      expect(ops.filter(isTerminal), `task ${id}: ${ops.join(" ")}`).toEqual([ops.at(-1)]);
    }
    await this.#system[Symbol.asyncDispose]();
    // What is held by a process that has died goes back to its queue, and so does what was never acknowledged.
    const depths = await Promise.all([scheduler, `${this.#system.prefix}.dead`].map((name) => this.#depthOf(name)));
    expect(depths).toEqual([0, 0]);
  }

  /** How many messages a queue has. A broker that is busy may not say so at the first time of asking. */
  async #depthOf(name: string): Promise<number | undefined> {
    let depth: number | undefined;
    await until(async () => (depth = await this.queue.ready(name)) !== undefined, `the depth of ${name} is known`);
    return depth;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.store.close(), this.queue.close()]);
  }
}
