import { freePort } from "@mayfly/test-services";
import { expect } from "vitest";
import { DeploymentAudit } from "../e2e/deployment-audit.ts";
import { Journal, recordingHandlers } from "../e2e/journal.ts";
import { System, type SystemServices } from "../e2e/system.ts";
import { Load } from "./load.ts";

/** How many tasks run at a time: two instances of the scheduler with eight slots each. */
export const slots = 16;

/** Two of each program, on clusters, under load: nobody is the only one, and nobody is restarted. */
export class Deployment implements AsyncDisposable {
  readonly audit: DeploymentAudit;
  readonly load: Load;
  readonly #system: System;
  readonly #journal: Journal;

  private constructor(system: System, audit: DeploymentAudit, journal: Journal, load: Load) {
    this.#system = system;
    this.audit = audit;
    this.#journal = journal;
    this.load = load;
  }

  /** Starts the programs, and the load. */
  static async start(services: SystemServices, env: Readonly<Record<string, string>> = {}): Promise<Deployment> {
    const system = await System.start({ services, env: { ...recordingHandlers, ...env } });
    const port = await freePort();
    await Promise.all([
      system.startApp("api", { MAYFLY_PORT: String(port) }),
      system.startApp("timeout"),
      system.startScheduler(),
      system.startScheduler(),
    ]);
    const [audit, journal] = await Promise.all([DeploymentAudit.open(system), Journal.open()]);
    const load = Load.start({ apis: [system.url, `http://127.0.0.1:${port}`], journal });
    return new Deployment(system, audit, journal, load);
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
    await this.load.end();
    await this.audit[Symbol.asyncDispose]();
    await this.#system[Symbol.asyncDispose]();
    await this.#journal[Symbol.asyncDispose]();
  }
}
