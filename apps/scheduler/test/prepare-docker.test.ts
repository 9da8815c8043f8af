import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isCheckable, isRecoverable } from "@mayfly/runtime";
import type { Runtime } from "@mayfly/scheduler-sdk";
import { silentLogger } from "@mayfly/service";
import { RecordingLogger } from "@mayfly/service/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parseConfig } from "../src/config.ts";
import { readDockerAddress } from "../src/docker-address.ts";
import { prepareDocker } from "../src/prepare-docker.ts";
import { EngineDouble } from "./engine-double.ts";

describe("the runtime docker of the scheduler", () => {
  let folder: string;
  let env: Readonly<Record<string, string>>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "mayfly-engine-"));
    const spec = join(folder, "spec.json");
    await writeFile(spec, JSON.stringify({ images: { tools: { image: "tools:1", commands: { date: ["date"] } } } }));
    const socket = `unix://${join(folder, "engine.sock")}`;
    env = { MAYFLY_RUNTIME: "docker", MAYFLY_RUNTIME_SPEC: spec, MAYFLY_DOCKER_HOST: socket };
  });

  afterEach(() => rm(folder, { recursive: true }));

  const labelsAskedFor = async (runtime: Runtime, engine: EngineDouble): Promise<string> => {
    if (!isRecoverable(runtime)) throw new Error("Its work outlives the scheduler.");
    for await (const owned of runtime.list()) throw new Error(`There is no ${owned.taskId}.`);
    return decodeURIComponent(engine.asked.at(-1) ?? "");
  };

  it("[APP-13] waits for an engine that is away, and says so", async () => {
    const logger = new RecordingLogger();
    const open = await prepareDocker(parseConfig(env), logger);
    const opening = open(new AbortController().signal);
    await vi.waitUntil(() => logger.entries.length > 0, { timeout: 20_000 });
    expect(logger.entries[0]).toMatchObject({
      level: "warn",
      message: "runtime cannot be reached, will be tried again",
      fields: { error: expect.stringContaining("Docker cannot be reached: ") as unknown },
    });
    await using engine = await EngineDouble.listen(join(folder, "engine.sock"));
    const { runtime, close } = await opening;
    expect(isRecoverable(runtime) && runtime.scope).toBe("engine-1@host-1");
    expect(isCheckable(runtime) && (await runtime.health())).toEqual({ status: "healthy" });
    engine.isWell = false;
    expect(isCheckable(runtime) && (await runtime.health())).toMatchObject({ status: "unhealthy" });
    close();
  });

  it("[APP-13] gives up waiting when it is told to stop", async () => {
    const logger = new RecordingLogger();
    const stopping = new AbortController();
    const opening = (await prepareDocker(parseConfig(env), logger))(stopping.signal);
    await vi.waitUntil(() => logger.entries.length > 0, { timeout: 20_000 });
    stopping.abort();
    await expect(opening).rejects.toThrow(/Docker cannot be reached/);
  });

  it("[APP-15] sees the containers of its own prefix only, unless its spec names a deployment", async () => {
    await using engine = await EngineDouble.listen(join(folder, "engine.sock"));
    const config = parseConfig({ ...env, MAYFLY_PREFIX: "orders" });
    const first = await (await prepareDocker(config, silentLogger))(new AbortController().signal);
    expect(await labelsAskedFor(first.runtime, engine)).toContain('"mayfly.deployment=orders"');
    first.close();
    const tools = { image: "tools:1", commands: { date: ["date"] } };
    await writeFile(config.MAYFLY_RUNTIME_SPEC ?? "", JSON.stringify({ deployment: "shared", images: { tools } }));
    const second = await (await prepareDocker(config, silentLogger))(new AbortController().signal);
    expect(await labelsAskedFor(second.runtime, engine)).toContain('"mayfly.deployment=shared"');
    second.close();
  });

  it("[APP-12] reaches an engine elsewhere with certificates only", async () => {
    const remote = { ...env, MAYFLY_DOCKER_HOST: "tcp://engine:2376", MAYFLY_DOCKER_CERT_PATH: folder };
    await writeFile(join(folder, "ca.pem"), "of the authority");
    await writeFile(join(folder, "cert.pem"), "of the client");
    await expect(readDockerAddress(parseConfig(remote))).rejects.toThrow(
      /\n {2}MAYFLY_DOCKER_CERT_PATH: key.pem cannot be read: ENOENT/,
    );
    await writeFile(join(folder, "key.pem"), "of the client, too");
    expect(await readDockerAddress(parseConfig(remote))).toEqual({
      host: "engine",
      port: 2_376,
      ca: "of the authority",
      cert: "of the client",
      key: "of the client, too",
    });
  });
});
