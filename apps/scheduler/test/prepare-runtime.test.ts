import { InlineRuntime } from "@mayfly/scheduler-sdk";
import { silentLogger } from "@mayfly/service";
import { describe, expect, it, vi } from "vitest";
import { parseConfig } from "../src/config.ts";
import { prepareRuntime } from "../src/prepare-runtime.ts";

const loaded = vi.hoisted(() => new Set<string>());

vi.mock("@mayfly/runtime-process", () => {
  loaded.add("process");
  return { ProcessRuntime: {}, processSpecSchema: {} };
});
vi.mock("@mayfly/runtime-docker", () => {
  loaded.add("docker");
  return { DockerRuntime: {}, dockerSpecSchema: {} };
});
vi.mock("@mayfly/runtime-kubernetes", () => {
  loaded.add("kubernetes");
  return { KubernetesRuntime: {}, kubernetesSpecSchema: {} };
});

describe("prepareRuntime", () => {
  it("[APP-16] loads no runtime's code for functions", async () => {
    loaded.clear();
    const { runtime } = await (await prepareRuntime(parseConfig({}), silentLogger))(new AbortController().signal);
    expect(runtime).toBeInstanceOf(InlineRuntime);
    expect([...loaded]).toEqual([]);
  });

  it.each(["process", "docker", "kubernetes"])("[APP-16] loads the code of %s only", async (name) => {
    loaded.clear();
    const env = { MAYFLY_RUNTIME: name, MAYFLY_RUNTIME_SPEC: "absent.json" };
    await expect(prepareRuntime(parseConfig(env), silentLogger)).rejects.toThrow(/absent.json: cannot be read/);
    expect([...loaded]).toEqual([name]);
  });
});
