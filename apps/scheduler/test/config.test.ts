import { ConfigError } from "@mayfly/app-kit";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../src/config.ts";

describe("the configuration of the scheduler", () => {
  it("[APP-12] runs functions without a spec, and anything else with one", () => {
    expect(parseConfig({})).toMatchObject({ MAYFLY_RUNTIME: "inline" });
    const env = { MAYFLY_RUNTIME: "docker", MAYFLY_RUNTIME_SPEC: "spec.json" };
    expect(parseConfig(env)).toMatchObject({ ...env, MAYFLY_DOCKER_HOST: "unix:///var/run/docker.sock" });
    const remote = { MAYFLY_DOCKER_HOST: "tcp://engine:2376", MAYFLY_DOCKER_CERT_PATH: "certificates" };
    expect(parseConfig({ ...env, ...remote })).toMatchObject(remote);
  });

  const contradictions: readonly [string, Readonly<Record<string, string>>, readonly string[]][] = [
    ["a spec for functions", { MAYFLY_RUNTIME_SPEC: "spec.json" }, ["MAYFLY_RUNTIME_SPEC: the runtime inline"]],
    [
      "handlers and no spec for processes",
      { MAYFLY_RUNTIME: "process", MAYFLY_HANDLERS: "handlers.mjs" },
      ["MAYFLY_RUNTIME_SPEC: the runtime process needs a file", "MAYFLY_HANDLERS: the runtime process has no handlers"],
    ],
    ["an engine elsewhere without TLS", { MAYFLY_DOCKER_HOST: "tcp://engine:2375" }, ["MAYFLY_DOCKER_CERT_PATH: an"]],
    ["certificates for a socket", { MAYFLY_DOCKER_CERT_PATH: "." }, ["MAYFLY_DOCKER_CERT_PATH: certificates are"]],
    ["a runtime that there is not", { MAYFLY_RUNTIME: "podman" }, ["MAYFLY_RUNTIME: must be inline, process"]],
    ["an address that is none", { MAYFLY_DOCKER_HOST: "engine:2376" }, ["MAYFLY_DOCKER_HOST: must be unix:///<path>"]],
    ["a name with credentials", { MAYFLY_DOCKER_HOST: "tcp://a:b@engine:1" }, ["MAYFLY_DOCKER_HOST: must be"]],
  ];

  it.each(contradictions)("[APP-12] refuses %s", (_what, env, problems) => {
    const read = (): unknown => parseConfig(env);
    expect(read).toThrow(ConfigError);
    for (const problem of problems) expect(read).toThrow(`\n  ${problem}`);
  });
});
