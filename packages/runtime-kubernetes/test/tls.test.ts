import { aTask } from "@mayfly/task/testing";
import { startKubernetes } from "@mayfly/test-services/kubernetes";
import { expect, it, vi } from "vitest";
import { KubernetesRuntime } from "../src/index.ts";
import { doubleSpec } from "./kubernetes-harness.ts";
import { ownCertificate } from "./own-certificate.ts";
import { RecordedRun } from "./recorded-run.ts";

// Each has a cluster of its own, whose work are processes: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** Resolves with the message that a connection fails with. */
async function refusal(text: string): Promise<string> {
  const error: unknown = await KubernetesRuntime.connect(doubleSpec(), { kubeConfig: { text } }).then(
    (runtime) => runtime.close(),
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: "RuntimeError", code: "runtime" });
  return (error as Error).message;
}

it("[KUBE-10] runs work over HTTPS on a cluster whose certificate is of the kubeconfig's authority", async () => {
  await using cluster = await startKubernetes({ certificate: await ownCertificate() });
  expect(cluster.url).toMatch(/^https:/);
  const commands = { say: ["sh", "-c", "echo said; exit 3"] };
  const runtime = await KubernetesRuntime.connect(doubleSpec(commands), { kubeConfig: { text: cluster.kubeConfig } });
  const context = new RecordedRun();
  const handle = await runtime.start(aTask({ attributes: { image: "test" } }), context);
  expect(await runtime.wait(handle, context)).toMatchObject({ exitCode: 3 });
  expect(context.lines).toEqual(["said"]);
  await runtime.destroy(handle);
  runtime.close();
});

it("[KUBE-10] refuses a cluster whose certificate is of another authority, or for another address, and says so", async () => {
  const [own, other, elsewhere] = await Promise.all([ownCertificate(), ownCertificate(), ownCertificate("192.0.2.1")]);
  await using cluster = await startKubernetes({ certificate: own });
  const text = cluster.kubeConfig;
  const authority = (cert: string): string => Buffer.from(cert).toString("base64");
  expect(await refusal(text.replace(authority(own.cert), authority(other.cert)))).toMatch(
    /^Kubernetes cannot be reached: The API server's certificate is refused: .*self-signed certificate/,
  );
  await using impostor = await startKubernetes({ certificate: elsewhere });
  expect(await refusal(impostor.kubeConfig)).toMatch(
    /^Kubernetes cannot be reached: The API server's certificate is refused: .*127\.0\.0\.1 is not in the cert's list/,
  );
});
