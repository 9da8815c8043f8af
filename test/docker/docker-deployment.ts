import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AppProcess } from "@mayfly/test-services";
import type { TaskView } from "@mayfly/task";
import { inject } from "vitest";
import { System } from "../e2e/system.ts";
import { EngineEvents } from "./engine-events.ts";
import { EngineView } from "./engine-view.ts";

type Variables = Readonly<Record<string, string>>;

/** What a {@link DockerDeployment} runs, and where. */
export interface DockerDeploymentOptions {
  /** Shell scripts by the name that a task gives; each runs in an image of busybox. */
  readonly scripts: Readonly<Record<string, string>>;
  /** For every scheduler. */
  readonly env?: Variables;
  /** @defaultValue that of the engine that all test files share */
  readonly socketPath?: string;
  /** Images besides, by the name that a task gives, as the spec has them. */
  readonly images?: Readonly<Record<string, object>>;
}

/** The API, the timeout daemon and schedulers with the Docker runtime, as processes, on a real engine. */
export class DockerDeployment implements AsyncDisposable {
  readonly system: System;
  readonly engine: EngineView;
  readonly events: EngineEvents;
  readonly #folder: string;
  readonly #env: Variables;

  private constructor(parts: {
    system: System;
    engine: EngineView;
    events: EngineEvents;
    folder: string;
    env: Variables;
  }) {
    this.system = parts.system;
    this.engine = parts.engine;
    this.events = parts.events;
    this.#folder = parts.folder;
    this.#env = parts.env;
  }

  /** Starts the API and the timeout daemon; schedulers come with `startScheduler`. */
  static async start(options: DockerDeploymentOptions): Promise<DockerDeployment> {
    const { scripts, env = {}, images = {}, socketPath = inject("dockerSocket") } = options;
    const folder = await mkdtemp(join(tmpdir(), "mayfly-spec-"));
    const system = await System.start();
    const commands = Object.fromEntries(Object.entries(scripts).map(([name, script]) => [name, ["sh", "-c", script]]));
    const test = { image: "mayfly-test:1", commands, memoryMiB: 32, cpus: 1, pids: 32, tmpMiB: 4 };
    const spec = join(folder, "docker.json");
    await writeFile(spec, JSON.stringify({ deployment: system.prefix, images: { test, ...images } }));
    const docker = {
      MAYFLY_RUNTIME: "docker",
      MAYFLY_RUNTIME_SPEC: spec,
      MAYFLY_DOCKER_HOST: `unix://${socketPath}`,
      ...env,
    };
    const engine = new EngineView(socketPath, system.prefix);
    return new DockerDeployment({ system, engine, events: await EngineEvents.open(engine), folder, env: docker });
  }

  /** Starts an instance of the scheduler, and waits until messages reach it. */
  startScheduler(env: Variables = {}): Promise<AppProcess> {
    return this.system.startScheduler({ ...this.#env, ...env });
  }

  /** Schedules a task that runs a script; resolves with its id. */
  async scheduled(script: string, attributes: object = {}, members: object = {}): Promise<string> {
    const answer = await this.system.request("POST", "/task/schedule", {
      scheduler: "hello",
      attributes: { image: "test", command: script, ...attributes },
      ...members,
    });
    if (answer.status > 202) throw new Error(`Not scheduled: ${answer.status} ${JSON.stringify(answer.body)}`);
    return String(answer.body["id"]);
  }

  /** The task once it is done, within a minute. */
  done(id: string): Promise<TaskView> {
    return this.system.done(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.system[Symbol.asyncDispose]();
    await this.events[Symbol.asyncDispose]();
    await this.engine.removeAll();
    await rm(this.#folder, { recursive: true });
  }
}
