import { askEngine } from "@mayfly/test-services";

/** A container as the engine lists it. */
export interface ListedContainer {
  readonly id: string;
  readonly name: string;
  /** The id of its task. */
  readonly task: string;
  /** `created`, `running`, `exited`, … */
  readonly state: string;
}

interface Listed {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly State: string;
  readonly Labels: Readonly<Record<string, string>>;
}

/** A look at the containers of one deployment past Mayfly: what the engine itself says. */
export class EngineView {
  readonly socketPath: string;
  readonly deployment: string;

  constructor(socketPath: string, deployment: string) {
    this.socketPath = socketPath;
    this.deployment = deployment;
  }

  /** The deployment's containers, ended ones too. */
  async containers(): Promise<readonly ListedContainer[]> {
    const filters = JSON.stringify({ label: [`mayfly.deployment=${this.deployment}`] });
    const query = new URLSearchParams({ all: "1", filters }).toString();
    const listed = JSON.parse(
      await askEngine(this.socketPath, "GET", `/containers/json?${query}`),
    ) as readonly Listed[];
    return listed.map(({ Id: id, Names: [name = ""], State: state, Labels }) => {
      return { id, name: name.slice(1), state, task: Labels["mayfly.task"] ?? "" };
    });
  }

  /** The containers of a task. */
  async containersOf(task: string): Promise<readonly ListedContainer[]> {
    return (await this.containers()).filter((container) => container.task === task);
  }

  /** Removes a container at once, as a person does who types `docker rm -f`. */
  async remove(id: string): Promise<void> {
    await askEngine(this.socketPath, "DELETE", `/containers/${id}?force=1`);
  }

  /** Sends a signal to what a container has started with. */
  async signal(id: string, name: NodeJS.Signals): Promise<void> {
    await askEngine(this.socketPath, "POST", `/containers/${id}/kill?signal=${name}`);
  }

  /** Removes what is left, also what the engine is still removing for another; an engine that is away has none. */
  async removeAll(): Promise<void> {
    for (;;) {
      const left = await this.containers().catch(() => []);
      if (left.length === 0) return;
      await Promise.allSettled(left.map(({ id }) => this.remove(id)));
    }
  }
}
