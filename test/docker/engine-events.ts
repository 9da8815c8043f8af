import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { createInterface } from "node:readline";
import type { EngineView } from "./engine-view.ts";

interface EngineEvent {
  readonly Action: string;
  readonly timeNano: number;
  readonly Actor: { readonly Attributes: Readonly<Record<string, string>> };
}

/** What an engine says that it does with the containers of a deployment, also with those that are gone since. */
export class EngineEvents implements AsyncDisposable {
  readonly #response: IncomingMessage;
  readonly #times = new Map<string, readonly number[]>();

  private constructor(response: IncomingMessage) {
    this.#response = response;
    const lines = createInterface({ input: response });
    // An engine that is killed breaks off.
    lines.on("error", () => undefined);
    lines.on("line", (line) => {
      const { Action: action, Actor, timeNano } = JSON.parse(line) as EngineEvent;
      const key = `${action} ${Actor.Attributes["mayfly.task"]}`;
      this.#times.set(key, [...(this.#times.get(key) ?? []), timeNano / 1e6]);
    });
  }

  static async open({ socketPath, deployment }: EngineView): Promise<EngineEvents> {
    const filters = JSON.stringify({ type: ["container"], label: [`mayfly.deployment=${deployment}`] });
    const path = `/events?${new URLSearchParams({ filters }).toString()}`;
    const asked = request({ socketPath, path, agent: false }).end();
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    return new EngineEvents(response);
  }

  /** When something was done with the containers of a task, in epoch milliseconds: `create`, `start`, `kill`, `die`, `destroy`, … */
  times(action: string, task: string): readonly number[] {
    return this.#times.get(`${action} ${task}`) ?? [];
  }

  /** How often something was done with the containers of a task. */
  count(action: string, task: string): number {
    return this.times(action, task).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#response.destroy();
  }
}
