import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "@mayfly/app-kit";
import { dockerSpecSchema } from "@mayfly/runtime-docker";
import { processSpecSchema } from "@mayfly/runtime-process";
import { errorMessage } from "@mayfly/service";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readRuntimeSpec } from "../src/read-runtime-spec.ts";

describe("readRuntimeSpec", () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "mayfly-spec-"));
    path = join(folder, "spec.json");
  });

  afterEach(() => rm(folder, { recursive: true }));

  /** What is said of a file with this content. */
  async function refusal(content: string | Uint8Array): Promise<string> {
    await writeFile(path, content);
    const error: unknown = await readRuntimeSpec(path, processSpecSchema).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigError);
    return errorMessage(error);
  }

  it("[APP-11] reads a spec and fills in its defaults, also those that the program has", async () => {
    const tools = { image: "tools:1", commands: { date: ["date"] } };
    await writeFile(path, JSON.stringify({ images: { tools } }));
    const spec = await readRuntimeSpec(path, dockerSpecSchema, { deployment: "orders" });
    expect(spec).toMatchObject({ deployment: "orders", images: { tools: { ...tools, network: "none" } } });
    await writeFile(path, `\uFEFF${JSON.stringify({ deployment: "own", images: { tools } })}`);
    expect(await readRuntimeSpec(path, dockerSpecSchema, { deployment: "orders" })).toMatchObject({
      deployment: "own",
    });
  });

  it("[APP-11] names every problem and where it is", async () => {
    const bad = { argv: [], cwd: "relative", shell: true };
    const message = await refusal(JSON.stringify({ commands: { good: { argv: ["date"] }, bad, "no name": bad } }));
    expect(message.split("\n").slice(1).toSorted()).toEqual([
      expect.stringContaining(`  MAYFLY_RUNTIME_SPEC: ${path}: commands.bad.argv`),
      expect.stringContaining(`  MAYFLY_RUNTIME_SPEC: ${path}: commands.bad.cwd: must be an absolute path`),
      expect.stringContaining(`  MAYFLY_RUNTIME_SPEC: ${path}: commands.bad: Unrecognized key: "shell"`),
      expect.stringContaining(`  MAYFLY_RUNTIME_SPEC: ${path}: commands.no name: must be 1 to 63 letters`),
    ]);
  });

  const useless: readonly [string, string | Uint8Array, RegExp][] = [
    ["nothing", "", /spec\.json: is not JSON/],
    ["broken JSON", '{"commands": secret}', /spec\.json: is not JSON/],
    ["JSON that is no object", "[]", /spec\.json: .*expected object/],
    ["__proto__", '{"commands":{"__proto__":{"argv":["date"]}}}', /spec\.json: the name __proto__ is not allowed/],
    ["what is not UTF-8", Uint8Array.of(0x7b, 0xff, 0x7d), /spec\.json: is not UTF-8/],
    ["more than 1 MiB", " ".repeat(2 ** 20 + 1), /spec\.json: cannot be read: it is larger than 1048576 bytes/],
    ["great depth", "[".repeat(50_000) + "]".repeat(50_000), /spec\.json: /],
  ];

  it.each(useless)("[APP-11] refuses a file with %s", async (_what, content, message) => {
    const said = await refusal(content);
    expect(said).toMatch(message);
    expect(said).not.toContain("secret");
  });

  it("[APP-11] refuses a file that is not there, and a folder", async () => {
    await expect(readRuntimeSpec(path, processSpecSchema)).rejects.toThrow(/cannot be read: ENOENT/);
    await expect(readRuntimeSpec(folder, processSpecSchema)).rejects.toThrow(/cannot be read: it is not a file/);
  });
});
