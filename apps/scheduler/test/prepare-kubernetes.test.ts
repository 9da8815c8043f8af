import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRecoverable } from "@mayfly/runtime";
import { silentLogger } from "@mayfly/service";
import { RecordingLogger } from "@mayfly/service/testing";
import { startKubernetes } from "@mayfly/test-services/kubernetes";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parseConfig } from "../src/config.ts";
import { prepareKubernetes } from "../src/prepare-kubernetes.ts";

describe("the runtime kubernetes of the scheduler", () => {
  let folder: string;
  let env: Readonly<Record<string, string>>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "mayfly-cluster-"));
    const spec = join(folder, "spec.json");
    await writeFile(spec, JSON.stringify({ images: { tools: { image: "tools:1", commands: { date: ["date"] } } } }));
    env = {
      MAYFLY_RUNTIME: "kubernetes",
      MAYFLY_RUNTIME_SPEC: spec,
      MAYFLY_KUBECONFIG: join(folder, "kubeconfig"),
      MAYFLY_KUBERNETES_NAMESPACE: "mayfly",
    };
  });

  afterEach(() => rm(folder, { recursive: true }));

  it("[APP-13] waits for a cluster that is away, and says so", async () => {
    await using cluster = await startKubernetes();
    await writeFile(join(folder, "kubeconfig"), cluster.kubeConfig);
    await cluster.goAway();
    const logger = new RecordingLogger();
    const opening = (await prepareKubernetes(parseConfig(env), logger))(new AbortController().signal);
    await vi.waitUntil(() => logger.entries.length > 0, { timeout: 20_000 });
    expect(logger.entries[0]).toMatchObject({
      level: "warn",
      message: "runtime cannot be reached, will be tried again",
      fields: { error: expect.stringContaining("Kubernetes cannot be reached: ") as unknown },
    });
    await cluster.comeBack();
    const { runtime, close } = await opening;
    expect(runtime.kind).toBe("kubernetes");
    expect(isRecoverable(runtime)).toBe(true);
    close();
  });

  it("[APP-12] refuses a kubeconfig that is not there, one that names no cluster, and no service account", async () => {
    const prepared = (variables: typeof env): Promise<unknown> =>
      prepareKubernetes(parseConfig(variables), silentLogger);
    await expect(prepared(env)).rejects.toThrow(/\n {2}MAYFLY_KUBECONFIG: .*ENOENT/);
    await writeFile(join(folder, "kubeconfig"), '{"apiVersion":"v1","kind":"Config"}');
    await expect(prepared(env)).rejects.toThrow(/\n {2}MAYFLY_KUBECONFIG: .*no cluster/);
    await expect(prepared({ ...env, MAYFLY_KUBECONFIG: "" })).rejects.toThrow(/\n {2}MAYFLY_KUBECONFIG: .*no pod/);
  });
});
