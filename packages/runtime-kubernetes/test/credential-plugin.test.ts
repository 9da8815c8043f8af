import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@mayfly/service/testing";
import { aTask } from "@mayfly/task/testing";
import { startKubernetes } from "@mayfly/test-services/kubernetes";
import { expect, it, vi } from "vitest";
import { KubernetesRuntime } from "../src/index.ts";
import { doubleSpec } from "./kubernetes-harness.ts";
import { RecordedRun } from "./recorded-run.ts";

// Each has a cluster of its own, whose work are processes: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** A program of a kubeconfig that is asked for credentials, given as a script; each of its processes notes its id. */
async function openPlugin(script: string): Promise<{
  kubeConfigOf(text: string): string;
  pids(): Promise<readonly number[]>;
  [Symbol.asyncDispose](): Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), "mayfly-plugin-"));
  const file = join(folder, "pids");
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    interactiveMode: "Never",
    command: "sh",
    args: ["-c", `echo $$ >> "$0"; ${script}`, file],
  };
  const pids = async (): Promise<readonly number[]> => {
    const text = await readFile(file, "utf8").catch(() => "");
    return text.split("\n").filter(Boolean).map(Number);
  };
  return {
    kubeConfigOf(text) {
      const config = JSON.parse(text) as { users: readonly { name: string }[] };
      return JSON.stringify({ ...config, users: config.users.map(({ name }) => ({ name, user: { exec } })) });
    },
    pids,
    async [Symbol.asyncDispose]() {
      for (const pid of await pids()) process.kill(pid, "SIGKILL");
      await rm(folder, { recursive: true });
    },
  };
}

it("[KUBE-5] ends a start in its time although the program that gives the credentials hangs", async () => {
  await using cluster = await startKubernetes();
  await using plugin = await openPlugin("exec sleep 120");
  const clock = new ManualClock();
  const kubeConfig = { text: plugin.kubeConfigOf(cluster.kubeConfig) };
  const runtime = new KubernetesRuntime("test", doubleSpec(), { kubeConfig, clock, startTimeoutMs: 20_000 });
  const start = runtime.start(aTask({ attributes: { image: "test", command: "complete" } }), new RecordedRun());
  const failure = start.catch((reason: unknown) => reason);
  await expect.poll(plugin.pids, { timeout: 30_000 }).toHaveLength(1);
  await clock.advance(20_000);
  // The attempt to remove what may be left is given 2 s, and no answer of it is waited for.
  await clock.advance(2_000);
  expect(await failure).toMatchObject({
    name: "RuntimeError",
    code: "runtime",
    message: expect.stringMatching(/did not begin within 20000 ms\. The cluster has not answered\.$/) as string,
  });
  const health = runtime.health();
  await clock.advance(5_000);
  expect(await health).toMatchObject({ status: "unhealthy" });
  expect(cluster.jobs()).toEqual([]);
  // The start, its cleaning up and the question for the health: what has not noted its id yet could not be ended.
  await expect.poll(plugin.pids, { timeout: 30_000 }).toHaveLength(3);
  runtime.close();
});
