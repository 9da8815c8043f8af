import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AppProcess } from "@mayfly/test-services";
import { type KubernetesServer, startKubernetes } from "@mayfly/test-services/kubernetes";
import { afterEach, beforeEach, expect, it } from "vitest";
import { System, until } from "./system.ts";

/** Ends with the code that the task says, once there is a file. */
const code = String.raw`while [ ! -e "$0" ]; do sleep 0.1; done; exit $(echo "$MAYFLY_TASK" | sed 's/.*"code":\([0-9]*\).*/\1/')`;

let system: System;
let cluster: KubernetesServer;
let folder: string;
/** The uids of all pods that there have been. */
let pods: Set<string>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mayfly-runtime-"));
  cluster = await startKubernetes();
  pods = new Set();
  cluster.onChange(() => {
    for (const { metadata } of cluster.pods()) pods.add(metadata.uid);
  });
  system = await System.start();
  const commands = { code: ["sh", "-c", code, join(folder, "go")], slow: ["sleep", "3600"], quick: ["true"] };
  const images = {
    test: { image: "test.example/tools:1", commands },
    missing: { image: "registry.invalid:5000/missing:1", commands },
    huge: { image: "test.example/tools:1", commands, memoryMiB: 1_048_576 },
  };
  await writeFile(join(folder, "spec.json"), JSON.stringify({ images, deployment: system.prefix }));
  await writeFile(join(folder, "kubeconfig"), cluster.kubeConfig);
});
afterEach(async () => {
  await system[Symbol.asyncDispose]();
  await cluster.close();
  await rm(folder, { recursive: true });
});

function startScheduler(): Promise<AppProcess> {
  return system.startScheduler({
    MAYFLY_RUNTIME: "kubernetes",
    MAYFLY_RUNTIME_SPEC: join(folder, "spec.json"),
    MAYFLY_KUBECONFIG: join(folder, "kubeconfig"),
    MAYFLY_CONCURRENCY: "8",
    MAYFLY_LEASE_MS: "4000",
    MAYFLY_START_TIMEOUT_MS: "10000",
  });
}

async function scheduled(attributes: object): Promise<string> {
  const task = { scheduler: "hello", attributes: { image: "test", ...attributes } };
  return String((await system.request("POST", "/task/schedule", task)).body["id"]);
}

it("[KUBE-11] a scheduler that is killed leaves its Jobs to another: each ends as it will, none is started twice", async () => {
  const codes = [0, 11, 12, 13];
  const first = await startScheduler();
  const ids = await Promise.all(codes.map((number) => scheduled({ command: "code", code: number })));
  await Promise.all(ids.map((id) => system.reaches(id, "running", 1)));
  await until(async () => ids.every((id) => cluster.isRunning(`task-${id}-1`)), "all Jobs run");
  const uids = cluster.jobs().map(({ metadata }) => metadata.uid);
  await startScheduler();
  await first.kill();
  await Promise.all(ids.map((id) => system.reaches(id, "running", 2)));
  expect(cluster.jobs().map(({ metadata }) => metadata.uid)).toEqual(uids);

  await writeFile(join(folder, "go"), "");
  const views = await Promise.all(ids.map((id) => system.done(id)));
  const ended = views.map(({ outcome, attempt, reason }) => [outcome, attempt, reason?.message]);
  expect(ended).toEqual(
    codes.map((number) =>
      number === 0 ? ["complete", 2, undefined] : ["aborted", 2, `The work ended with code ${number}.`],
    ),
  );
  await until(async () => cluster.jobs().length === 0, "no Job is left");
  expect(pods.size).toBe(codes.length);
});

it("[KUBE-12] says on the task what has happened to its Job, and holds up no other", async () => {
  await startScheduler();
  const running = async (): Promise<{ readonly id: string; readonly name: string; readonly pod: string }> => {
    const id = await scheduled({ command: "slow" });
    await system.reaches(id, "running", 1);
    const name = `task-${id}-1`;
    await until(async () => cluster.isRunning(name), "the Job runs");
    return { id, name, pod: cluster.pods(name)[0]?.metadata.name ?? "" };
  };
  const reasonOf = async (id: string): Promise<unknown> => (await system.done(id)).reason;
  const like = (codeOf: string, message: RegExp): object => ({
    code: codeOf,
    message: expect.stringMatching(message) as string,
  });

  const huge = await scheduled({ image: "huge", command: "quick" });
  const missing = await scheduled({ image: "missing", command: "quick" });
  expect((await system.done(await scheduled({ command: "quick" }))).outcome).toBe("complete");
  expect(await reasonOf(missing)).toMatchObject(like("runtime", /(ErrImagePull|ImagePullBackOff)/));

  const [full, evicted, removed] = await Promise.all([running(), running(), running()]);
  cluster.oomKill(full.pod);
  cluster.evict(evicted.pod);
  cluster.deleteJob(removed.name);
  expect(await reasonOf(full.id)).toMatchObject(like("failed", /out of memory/));
  expect(await reasonOf(evicted.id)).toMatchObject(like("runtime", /Evicted/));
  expect(await reasonOf(removed.id)).toMatchObject(like("runtime", /is gone/));
  expect(await reasonOf(huge)).toMatchObject(like("runtime", /Unschedulable/));
  await until(async () => cluster.jobs().length === 0, "no Job is left");
});
