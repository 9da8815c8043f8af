import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RuntimeAbility, RuntimeHarness } from "@mayfly/runtime/contract";
import type { JsonValue, Task } from "@mayfly/task";
import { aTask } from "@mayfly/task/testing";
import Docker from "dockerode";
import { type DockerHandle, DockerRuntime, type DockerRuntimeOptions, type DockerSpecInput } from "../src/index.ts";
import { patientClock } from "./patient-clock.ts";
import { SocketProxy } from "./socket-proxy.ts";

/** What a DockerRuntime can do. */
export const dockerAbilities: readonly RuntimeAbility[] = [
  "refuse",
  "adopt",
  "leavesNothing",
  "stubborn",
  "force",
  "ignoresSignal",
  "deadline",
  "bigOutput",
  "keepsWithoutLogs",
  "recover",
  "health",
];

const shell = (script: string): string[] => ["sh", "-c", script];

/** Work for tests. Its image is made by the setup of the tests. */
const testCommands = {
  complete: ["true"],
  fail: shell("exit 3"),
  slow: shell("trap 'sleep 0.2; exit 143' TERM; sleep 3600 & wait"),
  stubborn: shell("trap '' TERM; while :; do sleep 3600; done"),
  loud: shell("yes mayfly | head -c 8388608"),
};

/** A spec with the image of the tests under the name `test` and one that does not exist, `missing`. */
export function testSpec(deployment: string, commands: Record<string, string[]> = testCommands): DockerSpecInput {
  return {
    deployment,
    images: {
      test: { image: "mayfly-test:1", commands, memoryMiB: 32, cpus: 1, pids: 32, tmpMiB: 4 },
      missing: { image: "registry.invalid:5000/missing:1", commands },
    },
  };
}

/** A harness around runtimes on the engine at `socketPath`, with the connections to it in reach. */
export interface DockerHarness extends RuntimeHarness {
  readonly runtime: DockerRuntime;
  readonly docker: Docker;
  readonly proxy: SocketProxy;
  task(command: string, attributes?: Record<string, JsonValue>): Task;
  connect(options?: DockerRuntimeOptions, spec?: DockerSpecInput): Promise<DockerRuntime>;
}

/** Opens a harness of a deployment of its own, so that it sees no other's containers. */
export async function openDockerHarness(
  socketPath: string,
  commands: Record<string, string[]> = testCommands,
): Promise<DockerHarness> {
  const dir = await mkdtemp(join(tmpdir(), "mayfly-proxy-"));
  const path = join(dir, "engine.sock");
  const proxy = await SocketProxy.open(path, socketPath);
  const docker = new Docker({ socketPath });
  const deployment = `test-${Math.random().toString(36).slice(2)}`;
  const runtimes: DockerRuntime[] = [];
  const connect = async (options: DockerRuntimeOptions = {}, spec = testSpec(deployment, commands)) => {
    const usual = { address: { socketPath: path }, clock: patientClock };
    const runtime = await DockerRuntime.connect(spec, { ...usual, ...options });
    runtimes.push(runtime);
    return runtime;
  };
  const task = (command: string, attributes: Record<string, JsonValue> = {}): Task =>
    aTask({ attributes: { image: "test", command, ...attributes } });
  const filters = { label: [`mayfly.deployment=${deployment}`] };
  const begun = new Map<string, number>();
  // The engine's own events say how often work has begun, also of containers that are gone.
  const events = await docker.getEvents({ filters: { type: ["container"], event: ["start"], ...filters } });
  events.on("data", (chunk: Buffer) => {
    for (const [, id = ""] of chunk.toString().matchAll(/"mayfly\.task":"([^"]+)"/g))
      begun.set(id, (begun.get(id) ?? 0) + 1);
  });

  return {
    runtime: await connect(),
    docker,
    proxy,
    task,
    connect,
    tasks: {
      complete: () => task("complete"),
      fail: () => task("fail"),
      slow: () => task("slow"),
      refused: () => task("constructor"),
      brokenStart: () => aTask({ attributes: { image: "missing", command: "complete" } }),
      stubborn: () => task("stubborn"),
      loud: () => task("loud"),
    },
    async isRunning(handle) {
      const running = await docker.listContainers({ filters: { id: [(handle as DockerHandle).id] } });
      return running.length > 0;
    },
    timesBegun: async ({ id }) => begun.get(id) ?? 0,
    async remains({ id }, run) {
      const all = await docker.listContainers({ all: true, filters: { name: [`^/task-${id}-${run}$`] } });
      return all.length > 0;
    },
    restart: () => connect(),
    loseLogs: async () => proxy.cut(),
    async close() {
      const left = await docker.listContainers({ all: true, filters });
      // Some may be leaving already.
      await Promise.allSettled(left.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
      for (const runtime of runtimes) runtime.close();
      (events as unknown as { destroy(): void }).destroy();
      await proxy.close();
      await rm(dir, { recursive: true });
    },
  };
}
