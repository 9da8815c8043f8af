import { silentLogger } from "@mayfly/service";
import { describe, expect, it, vi } from "vitest";
import { parseConfig } from "../src/config.ts";
import { prepareRuntime } from "../src/prepare-runtime.ts";

const loaded = vi.hoisted(() => new Set<string>());

vi.mock("@mayfly/runtime-process", (load) => {
  loaded.add("process");
  return load();
});
vi.mock("@mayfly/runtime-docker", (load) => {
  loaded.add("docker");
  return load();
});

describe("prepareRuntime", () => {
  it("[APP-16] loads no other runtime's code", async () => {
    const { runtime } = await (await prepareRuntime(parseConfig({}), silentLogger))(new AbortController().signal);
    expect([runtime.kind, ...loaded]).toEqual(["inline"]);
    const env = { MAYFLY_RUNTIME: "docker", MAYFLY_RUNTIME_SPEC: "absent.json" };
    await expect(prepareRuntime(parseConfig(env), silentLogger)).rejects.toThrow(/absent.json: cannot be read/);
    expect([...loaded]).toEqual(["docker"]);
  });
});
