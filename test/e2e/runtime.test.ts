import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startApp } from "@mayfly/test-services";
import { type KubernetesServer, type PolicyRule, startKubernetes } from "@mayfly/test-services/kubernetes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { System, until } from "./system.ts";

const commands = {
  greet: {
    argv: ["/bin/sh", "-c", 'printf \'{"greeting":"Hello, %s!"}\' "$1" > "$MAYFLY_RESULT_FILE"', "greet", "{name}"],
    parameters: { name: { pattern: "[A-Za-z]+" } },
  },
  fail: { argv: ["/bin/sh", "-c", "exit 3"] },
  refuse: { argv: ["/bin/sh", "-c", "exit 64"] },
};

describe("the scheduler with MAYFLY_RUNTIME=process", () => {
  let system: System;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mayfly-runtime-"));
    await writeFile(join(folder, "spec.json"), JSON.stringify({ commands }));
    system = await System.start();
    await system.startScheduler({ MAYFLY_RUNTIME: "process", MAYFLY_RUNTIME_SPEC: join(folder, "spec.json") });
  });

  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  async function ended(attributes: object): Promise<unknown> {
    const answer = await system.request("POST", "/task/schedule", { scheduler: "hello", attributes });
    return system.done(String(answer.body["id"]));
  }

  it("[APP-10] completes a task with what its command leaves as its result", async () => {
    expect(await ended({ command: "greet", arguments: { name: "Ada" } })).toMatchObject({
      outcome: "complete",
      result: { greeting: "Hello, Ada!" },
    });
  });

  it("[APP-10] aborts a task whose command fails or refuses it, and one that may not run", async () => {
    expect(await ended({ command: "fail" })).toMatchObject({ outcome: "aborted", reason: { code: "failed" } });
    expect(await ended({ command: "refuse" })).toMatchObject({ outcome: "aborted", reason: { code: "rejected" } });
    expect(await ended({ command: "greet", arguments: { name: "$(id)" } })).toMatchObject({
      outcome: "aborted",
      reason: { code: "rejected" },
    });
  });
});

describe("the scheduler with MAYFLY_RUNTIME=kubernetes", () => {
  let system: System;
  let cluster: KubernetesServer;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mayfly-runtime-"));
    const role = await readFile(new URL("../../packages/runtime-kubernetes/manifests/role.yaml", import.meta.url));
    const { rules } = parse(role.toString()) as { readonly rules: readonly PolicyRule[] };
    cluster = await startKubernetes({ rules });
    const shell = {
      image: "busybox:1.36",
      commands: { succeed: ["/bin/sh", "-c", "exit 0"], fail: ["/bin/sh", "-c", "exit 3"] },
    };
    await writeFile(join(folder, "spec.json"), JSON.stringify({ images: { shell } }));
    await writeFile(join(folder, "kubeconfig"), cluster.kubeConfig);
    system = await System.start();
    await system.startScheduler({
      MAYFLY_RUNTIME: "kubernetes",
      MAYFLY_RUNTIME_SPEC: join(folder, "spec.json"),
      MAYFLY_KUBECONFIG: join(folder, "kubeconfig"),
    });
  });

  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  it("[APP-20] runs a Job for each task with the rights of the manifests, and leaves none", async () => {
    const ended = ["succeed", "fail", "unknown"].map(async (command) => {
      const answer = await system.request("POST", "/task/schedule", { scheduler: "hello", attributes: { command } });
      return system.done(String(answer.body["id"]));
    });
    expect(await Promise.all(ended)).toMatchObject([
      { outcome: "complete" },
      { outcome: "aborted", reason: { code: "failed" } },
      { outcome: "aborted", reason: { code: "rejected" } },
    ]);
    await until(async () => cluster.jobs().length === 0, "no Job is left");
  });
});

describe("a scheduler whose runtime cannot be used", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mayfly-runtime-"));
  });

  afterAll(() => rm(folder, { recursive: true }));

  it("[APP-11] ends with code 1 and says what is wrong in the spec", async () => {
    await writeFile(join(folder, "spec.json"), JSON.stringify({ commands: { date: { argv: ["date"], cwd: "here" } } }));
    const env = { MAYFLY_RUNTIME: "process", MAYFLY_RUNTIME_SPEC: "spec.json" };
    await using scheduler = await startApp({ app: "scheduler", env, cwd: folder });
    expect(await scheduler.exited).toMatchObject({ code: 1 });
    expect(scheduler.output).toContain(
      "\n  MAYFLY_RUNTIME_SPEC: spec.json: commands.date.cwd: must be an absolute path\n",
    );
  });

  it("[APP-12] ends with code 1 when the settings contradict each other, as does the standalone with another runtime", async () => {
    await using scheduler = await startApp({ app: "scheduler", env: { MAYFLY_RUNTIME: "docker" } });
    expect(await scheduler.exited).toMatchObject({ code: 1 });
    expect(scheduler.output).toContain("MAYFLY_RUNTIME_SPEC: the runtime docker needs a file");
    await using standalone = await startApp({ app: "standalone", env: { MAYFLY_RUNTIME: "docker" } });
    expect(await standalone.exited).toMatchObject({ code: 1 });
    expect(standalone.output).toContain("MAYFLY_RUNTIME: must be inline");
  });

  it("[APP-13] is up but not ready while its engine is away, and drains when it is told to", async () => {
    const spec = { images: { tools: { image: "tools:1", commands: { date: ["date"] } } } };
    await writeFile(join(folder, "spec.json"), JSON.stringify(spec));
    const port = await freePort();
    const env = {
      MAYFLY_RUNTIME: "docker",
      MAYFLY_RUNTIME_SPEC: join(folder, "spec.json"),
      MAYFLY_DOCKER_HOST: `unix://${join(folder, "engine.sock")}`,
      MAYFLY_HEALTH_PORT: String(port),
    };
    await using scheduler = await startApp({ app: "scheduler", env });
    await scheduler.waitFor("runtime cannot be reached, will be tried again");
    const status = async (path: string): Promise<number> => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
    expect([await status("/healthz"), await status("/readyz")]).toEqual([200, 503]);
    expect(await scheduler.end()).toMatchObject({ code: 0 });
    expect(scheduler.logs.at(-1)).toMatchObject({ msg: "stopped" });
  });
});
