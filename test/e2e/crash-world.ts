import { randomUUID } from "node:crypto";
import type { CrashPoint } from "@mayfly/service";
import type { AppProcess } from "@mayfly/test-services";
import { expect } from "vitest";
import { DeploymentAudit } from "./deployment-audit.ts";
import { Journal, recordingHandlers } from "./journal.ts";
import { System, type SystemServices } from "./system.ts";

type App = "api" | "scheduler" | "timeout";

const appOf: Readonly<Record<string, App>> = { dispatcher: "api", scheduler: "scheduler", sweeper: "timeout" };

/** A system of which one process dies at a crash point. */
export class CrashWorld implements AsyncDisposable {
  /** The name of its scheduler, and of its queue. */
  readonly scheduler: string;
  readonly audit: DeploymentAudit;
  readonly system: System;
  readonly journal: Journal;
  readonly #app: App;
  readonly #point: CrashPoint;

  private constructor(
    scheduler: string,
    parts: { system: System; audit: DeploymentAudit; journal: Journal },
    point: CrashPoint,
  ) {
    this.scheduler = scheduler;
    this.system = parts.system;
    this.audit = parts.audit;
    this.journal = parts.journal;
    this.#point = point;
    this.#app = armedApp(point);
  }

  /** Starts the API and the timeout daemon; the one that `point` is of is armed. */
  static async start(point: CrashPoint, services: SystemServices): Promise<CrashWorld> {
    const scheduler = `crash-${randomUUID().slice(0, 8)}`;
    const app = armedApp(point);
    const system = await System.start({
      services,
      env: {
        ...recordingHandlers,
        MAYFLY_SCHEDULER: scheduler,
        MAYFLY_LEASE_MS: "4000",
        MAYFLY_RETENTION_MS: "1000",
        // Where it is not what is looked at it would hide that a message was lost.
        ...(point === "sweeper.after_reannounce" && { MAYFLY_REANNOUNCE_MS: "1000" }),
      },
      ...(app !== "scheduler" && { firstEnv: { [app]: { MAYFLY_CRASH_POINT: point } } }),
    });
    const [audit, journal] = await Promise.all([DeploymentAudit.open(system), Journal.open()]);
    await system.request("PUT", `/scheduler/${scheduler}`);
    return new CrashWorld(scheduler, { system, audit, journal }, point);
  }

  /** Starts an instance of the scheduler; an armed one if the crash point is a scheduler's. */
  startArmedScheduler(): Promise<AppProcess> {
    return this.system.startScheduler({ MAYFLY_CRASH_POINT: this.#point });
  }

  /** Starts an instance of the scheduler that does not die. */
  startScheduler(): Promise<AppProcess> {
    return this.system.startScheduler();
  }

  /** Sends a task for a handler, and resolves with its id and the answer; undefined if there was none. */
  async send(
    handler: string,
    attributes: object = {},
    members: { readonly id?: string; readonly timeout?: string; readonly notBefore?: string } = {},
  ): Promise<{ readonly id: string; readonly status: number | undefined }> {
    const id = members.id ?? randomUUID();
    const body = {
      ...members,
      id,
      scheduler: this.scheduler,
      attributes: { handler, file: this.journal.file, ...attributes },
    };
    const status = await this.system.request("POST", "/task/schedule", body).then(
      (answer) => answer.status,
      () => undefined,
    );
    return { id, status };
  }

  /** Sends a task that must be accepted. */
  async accepted(...given: Parameters<CrashWorld["send"]>): Promise<string> {
    const { id, status } = await this.send(...given);
    expect(status).toBeLessThanOrEqual(202);
    return id;
  }

  /** Waits until the armed process has died at its crash point, and starts a fresh one in its place. */
  async crashedAndReplaced(): Promise<void> {
    const armed = this.system.latest(this.#app);
    expect(await armed.exited, armed.output).toEqual({ code: null, signal: "SIGKILL" });
    if (this.#app === "scheduler") await this.startScheduler();
    else await this.system.startApp(this.#app);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.system[Symbol.asyncDispose]();
    await this.audit[Symbol.asyncDispose]();
    await this.journal[Symbol.asyncDispose]();
  }
}

function armedApp(point: CrashPoint): App {
  const app = appOf[point.split(".")[0] ?? ""];
  if (app === undefined) throw new Error(`No program has the crash point ${point}.`);
  return app;
}
