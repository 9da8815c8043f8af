import { aTask } from "@mayfly/task/testing";
import { expect, it } from "vitest";
import { KubernetesRuntime, kubernetesSpecSchema } from "../src/index.ts";
import { RecordedRun } from "./recorded-run.ts";

const image = { image: "registry:5000/team/tools:1.2", commands: { run: ["run"] } };

it.each([
  ["an image that is none", { image: "a b" }],
  ["an empty image", { image: "" }],
  ["no commands", { commands: {} }],
  ["an empty command", { commands: { run: [] } }],
  ["a command with a NUL", { commands: { run: ["a\0"] } }],
  ["root", { user: "0:1000" }],
  ["the group of root", { user: "1000:0" }],
  ["a user by name", { user: "root" }],
  ["no memory limit", { memoryMiB: 0 }],
  ["a variable of ours", { env: { MAYFLY_TASK: "{}" } }],
  ["a folder that is none", { workingDir: "work" }],
  ["a pull that there is not", { pull: "IfNotPresent" }],
  ["a secret with another's name", { pullSecrets: ["../x"] }],
  ["what the cluster takes beside", { hostNetwork: true }],
  ["volumes", { volumes: [{ hostPath: { path: "/" } }] }],
])("[KUBE-1] takes no spec with %s", (_name, change) => {
  expect(kubernetesSpecSchema.safeParse({ images: { tools: image } }).success).toBe(true);
  expect(kubernetesSpecSchema.safeParse({ images: { tools: { ...image, ...change } } }).success).toBe(false);
});

it.each(["mayfly-", "a b", "-a", "", "x".repeat(64)])(
  "[KUBE-1] takes no deployment that no label can have: %j",
  (name) => {
    expect(kubernetesSpecSchema.safeParse({ images: { tools: image }, deployment: name }).success).toBe(false);
  },
);

const kubeConfig = {
  text: JSON.stringify({
    clusters: [{ name: "c", cluster: { server: "https://cluster.invalid:6443" } }],
    users: [{ name: "u", user: {} }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  }),
};

it.each([
  [{ image: "other" }, 'There is no image named "other". Known ones: a, b.'],
  [{ image: "constructor" }, 'There is no image named "constructor". Known ones: a, b.'],
  [{}, "The task names no image. Known ones: a, b."],
  [{ image: "a", command: "rm -rf /" }, 'There is no command named "rm -rf /". Known ones: run.'],
  [{ image: "a", command: ["rm"] }, "The task names no command. Known ones: run."],
])("[KUBE-1] rejects a task with the attributes %j, without asking the cluster", async (attributes, message) => {
  const runtime = new KubernetesRuntime("none", { images: { a: image, b: image } }, { kubeConfig });
  const start = runtime.start(aTask({ attributes }), new RecordedRun());
  await expect(start).rejects.toMatchObject({ code: "rejected", message });
  runtime.close();
});
