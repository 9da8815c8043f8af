import { freePort } from "@mayfly/test-services";
import { expect } from "vitest";
import { DeploymentAudit } from "../e2e/deployment-audit.ts";
import { Journal, recordingHandlers } from "../e2e/journal.ts";
import { System, type SystemServices, until } from "../e2e/system.ts";
import { Load } from "./load.ts";

/** How many tasks run at a time: two instances of the scheduler with eight slots each. */
export const slots = 16;

/** Two of each program, on clusters, under load: nobody is the only one, and nobody is restarted. */
export class Deployment implements AsyncDisposable {
  readonly audit: DeploymentAudit;
  readonly load: Load;
  readonly #system: System;
  readonly #journal: Journal;
  /** Where the APIs and the schedulers say whether they work. */
  readonly #addresses: readonly string[];

  private constructor(system: System, audit: DeploymentAudit, journal: Journal, addresses: readonly string[]) {
    this.#system = system;
    this.audit = audit;
    this.#journal = journal;
    this.#addresses = addresses;
    this.load = Load.start({ apis: addresses.slice(0, 2), journal });
  }

  /** Starts the programs, and the load. */
  static async start(services: SystemServices, env: Readonly<Record<string, string>> = {}): Promise<Deployment> {
    const system = await System.start({ services, env: { ...recordingHandlers, ...env } });
    const [api, ...schedulers] = [await freePort(), await freePort(), await freePort()].map(String);
    await Promise.all([
      system.startApp("api", { MAYFLY_PORT: String(api) }),
      system.startApp("timeout"),
      ...schedulers.map((port) => system.startApp("scheduler", { MAYFLY_HEALTH_PORT: port })),
    ]);
    const addresses = [system.url, ...[api, ...schedulers].map((port) => `http://127.0.0.1:${port}`)];
    await ready(addresses);
    const [audit, journal] = await Promise.all([DeploymentAudit.open(system), Journal.open()]);
    return new Deployment(system, audit, journal, addresses);
  }

  /** Resolves when each API reaches both services, and each scheduler is subscribed. */
  async ready(): Promise<void> {
    await ready(this.#addresses);
  }

  /**
   * Ends the load, and expects that each task that was accepted has ended once, as complete, that nothing else has run,
   * and that no message is left. Resolves with how often a task has run besides its first time.
   */
  async end(): Promise<number> {
    const ids = await this.load.end();
    expect(await this.audit.ends(ids)).toEqual(ids.map(() => ["complete"]));
    const runs = (await this.#journal.lines()).map(([id]) => id);
    expect(new Set(runs)).toEqual(new Set(ids));
    await expect.poll(() => this.audit.queue.ready("hello"), { timeout: 30_000 }).toBe(0);
    return runs.length - ids.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Whether it failed is asked by `end`.
    await this.load.end().catch(() => undefined);
    await this.audit[Symbol.asyncDispose]();
    await this.#system[Symbol.asyncDispose]();
    await this.#journal[Symbol.asyncDispose]();
  }
}

async function ready(addresses: readonly string[]): Promise<void> {
  await until(async () => {
    const answers = await Promise.all(addresses.map((address) => fetch(`${address}/readyz`)));
    const states = await Promise.all(answers.map((answer) => answer.json() as Promise<{ readonly status: string }>));
    return states.every(({ status }) => status === "ok");
  }, "all programs are ready");
}
