import { aTask } from "@mayfly/task/testing";
import { expect, it } from "vitest";
import { imageToPull, imageToRun, isImageReference, parseImageReference } from "../src/image-reference.ts";
import { DockerRuntime, dockerSpecSchema } from "../src/index.ts";
import { RecordedRun } from "./recorded-run.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

it.each([
  ["tools", "tools", undefined, undefined, "tools:latest"],
  ["tools:1.2", "tools", "1.2", undefined, "tools:1.2"],
  ["registry:5000/tools", "registry:5000/tools", undefined, undefined, "registry:5000/tools:latest"],
  ["registry:5000/team/tools:1.2", "registry:5000/team/tools", "1.2", undefined, "registry:5000/team/tools:1.2"],
  [`registry:5000/tools:1.2@${digest}`, "registry:5000/tools", "1.2", digest, `registry:5000/tools@${digest}`],
  [`tools@${digest}`, "tools", undefined, digest, `tools@${digest}`],
  ["[::1]:5000/a/b__c:x", "[::1]:5000/a/b__c", "x", undefined, "[::1]:5000/a/b__c:x"],
])("[DOCKER-8] takes the image reference %s apart", (text, name, tag, version, run) => {
  const reference = parseImageReference(text);
  expect(reference).toEqual({ name, tag, digest: version });
  expect(imageToRun(reference)).toBe(run);
  expect(imageToPull(reference)).toEqual({ fromImage: name, tag: version ?? tag ?? "latest" });
});

it.each([
  "",
  "Tools",
  "tools:",
  "tools@sha256:12",
  "a b",
  "tools:1.2:3",
  "/tools",
  "tools/",
  "http://x/tools",
  "-x",
  "a\n",
])("[DOCKER-8] takes %j for no image reference", (text) => expect(isImageReference(text)).toBe(false));

const image = { image: "tools:1", commands: { run: ["run"] } };

it.each([
  ["an image that is none", { image: "Tools" }],
  ["no commands", { commands: {} }],
  ["an empty command", { commands: { run: [] } }],
  ["root", { user: "0:1000" }],
  ["the group of root", { user: "1000:0" }],
  ["a user by name", { user: "root" }],
  ["the host's network", { network: "host" }],
  ["another container's network", { network: "container:other" }],
  ["no memory limit", { memoryMiB: 0 }],
  ["a variable of ours", { env: { MAYFLY_TASK: "{}" } }],
  ["what the engine takes beside", { HostConfig: { Privileged: true } }],
  ["mounts", { binds: ["/:/host"] }],
])("[DOCKER-8] takes no spec with %s", (_name, change) => {
  expect(dockerSpecSchema.safeParse({ images: { tools: image } }).success).toBe(true);
  expect(dockerSpecSchema.safeParse({ images: { tools: { ...image, ...change } } }).success).toBe(false);
});

it.each([
  [{ image: "other" }, 'There is no image named "other". Known ones: a, b.'],
  [{ image: "constructor" }, 'There is no image named "constructor". Known ones: a, b.'],
  [{}, "The task names no image. Known ones: a, b."],
  [{ image: "a", command: "rm -rf /" }, 'There is no command named "rm -rf /". Known ones: run.'],
  [{ image: "a", command: ["rm"] }, "The task names no command. Known ones: run."],
])("[DOCKER-8] rejects a task with the attributes %j", async (attributes, message) => {
  const runtime = new DockerRuntime("none", { images: { a: image, b: image } });
  const start = runtime.start(aTask({ attributes }), new RecordedRun());
  await expect(start).rejects.toMatchObject({ code: "rejected", message });
  runtime.close();
});
