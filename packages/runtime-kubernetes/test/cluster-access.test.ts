import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startKubernetes } from "@mayfly/test-services/kubernetes";
import { expect, it, vi } from "vitest";
import { KubernetesRuntime, type KubernetesRuntimeOptions } from "../src/index.ts";
import { doubleSpec } from "./kubernetes-harness.ts";

// Each has a cluster of its own, whose work are processes: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

async function failureOf(options: KubernetesRuntimeOptions): Promise<unknown> {
  return KubernetesRuntime.connect(doubleSpec(), options).then(
    (runtime) => runtime.close(),
    (reason: unknown) => reason,
  );
}

function refusal(message: RegExp): object {
  return { name: "RuntimeError", code: "runtime", message: expect.stringMatching(message) as string };
}

it("[KUBE-10] takes a kubeconfig as a file, and the context that is asked for", async () => {
  await using cluster = await startKubernetes();
  const folder = await mkdtemp(join(tmpdir(), "mayfly-kubeconfig-"));
  const file = join(folder, "config");
  await writeFile(file, cluster.kubeConfig);
  try {
    const runtime = await KubernetesRuntime.connect(doubleSpec(), { kubeConfig: { file, context: "mayfly-test" } });
    expect(runtime.scope).toMatch(/^[0-9a-f-]{36}$/);
    expect(await runtime.health()).toEqual({ status: "healthy" });
    runtime.close();
    expect(await failureOf({ kubeConfig: { file, context: "other" } })).toMatchObject(refusal(/no such context/));
    const absent = { file: join(folder, "none") };
    expect(await failureOf({ kubeConfig: absent })).toMatchObject(refusal(/ENOENT/));
  } finally {
    await rm(folder, { recursive: true });
  }
});

it("[KUBE-10] says that the cluster refuses the credentials, without saying them", async () => {
  await using cluster = await startKubernetes();
  const text = cluster.kubeConfig.replaceAll(cluster.token, "a-wrong-token");
  const failure = await failureOf({ kubeConfig: { text } });
  expect(failure).toMatchObject(refusal(/^Kubernetes cannot be reached: Unauthorized$/));
  expect(String(failure)).not.toContain("a-wrong-token");
});

it("[KUBE-10] says that the account may not do what it must, and that there is no such namespace", async () => {
  await using cluster = await startKubernetes({ rules: [] });
  const kubeConfig = { text: cluster.kubeConfig };
  expect(await failureOf({ kubeConfig })).toMatchObject(refusal(/namespaces "mayfly" is forbidden/));
  const admin = { text: cluster.serviceAccount("admin", [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }]) };
  expect(await failureOf({ kubeConfig: admin, namespace: "none" })).toMatchObject(refusal(/"none" not found/));
});

it("[KUBE-10] says that there is no cluster, and no kubeconfig that can be read", async () => {
  const cluster = await startKubernetes();
  const text = cluster.kubeConfig;
  await cluster.close();
  expect(await failureOf({ kubeConfig: { text } })).toMatchObject(refusal(/ECONNREFUSED/));
  expect(await failureOf({ kubeConfig: { text: "{}" } })).toMatchObject({ code: "runtime" });
  expect(await failureOf({})).toMatchObject(refusal(/no pod that has a service account/));
});

it("[KUBE-10] says where a kubeconfig is no YAML, and nothing of what is written there", async () => {
  const text = "users:\n- name: scheduler\n  user:\n    token: secret-token\n   - wrong\n";
  const { message } = (await failureOf({ kubeConfig: { text } })) as Error;
  expect(message).toMatch(/The kubeconfig is no YAML in line 5: /);
  expect(message).not.toContain("secret-token");
});

it("[KUBE-10] refuses credentials without TLS, unless the kubeconfig allows it", async () => {
  await using cluster = await startKubernetes();
  const text = cluster.kubeConfig.replace('"insecure-skip-tls-verify":true', '"insecure-skip-tls-verify":false');
  expect(await failureOf({ kubeConfig: { text } })).toMatchObject(refusal(/only if the kubeconfig says/));
});
