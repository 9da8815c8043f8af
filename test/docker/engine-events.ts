import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { createInterface } from "node:readline";
import type { EngineView } from "./engine-view.ts";

interface EngineEvent {
  readonly Action: string;
  readonly Actor: { readonly Attributes: Readonly<Record<string, string>> };
}

/** Counts what an engine says that it does with the containers of a deployment, also with those that are gone since. */
export class EngineEvents implements AsyncDisposable {
  readonly #response: IncomingMessage;
  readonly #counts = new Map<string, number>();

  private constructor(response: IncomingMessage) {
    this.#response = response;
    const lines = createInterface({ input: response });
    // An engine that is killed breaks off.
    lines.on("error", () => undefined);
    lines.on("line", (line) => {
      const { Action: action, Actor } = JSON.parse(line) as EngineEvent;
      const key = `${action} ${Actor.Attributes["mayfly.task"]}`;
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    });
  }

  static async open({ socketPath, deployment }: EngineView): Promise<EngineEvents> {
    const filters = JSON.stringify({ type: ["container"], label: [`mayfly.deployment=${deployment}`] });
    const path = `/events?${new URLSearchParams({ filters }).toString()}`;
    const asked = request({ socketPath, path, agent: false }).end();
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    return new EngineEvents(response);
  }

  /** How often something was done with the containers of a task: `create`, `start`, `die`, `oom`, `destroy`, … */
  count(action: string, task: string): number {
    return this.#counts.get(`${action} ${task}`) ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#response.destroy();
  }
}
