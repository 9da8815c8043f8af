import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@mayfly/test-services";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { until } from "../e2e/system.ts";
import { buildProgramImages, docker, type Ending, run } from "./program-image.ts";

const hardened = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--network", "host"];

describe("the images of the programs", () => {
  const socketPath = inject("dockerSocket");
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mayfly-spec-"));
    // For the user of the images.
    await chmod(folder, 0o755);
    const tools = { image: "tools:1", commands: { date: ["date"] } };
    await writeFile(join(folder, "spec.json"), JSON.stringify({ images: { tools } }));
    await buildProgramImages(socketPath, ["standalone", "scheduler"]);
  }, 600_000);

  afterAll(() => rm(folder, { recursive: true }));

  it("[APP-18] the standalone runs read-only as nobody, does its work, and drains", async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const container = await docker(
      socketPath,
      "run",
      "-d",
      ...hardened,
      "--env",
      `MAYFLY_PORT=${port}`,
      "mayfly-standalone:test",
    );
    await until(async () => (await fetch(`${url}/healthz`)).ok, "the program is up");
    const scheduled = await fetch(`${url}/task/schedule`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ scheduler: "hello", attributes: { handler: "hello" } }),
    });
    const { id } = (await scheduled.json()) as { readonly id: string };
    expect(await (await fetch(`${url}/task/${id}?wait=30`)).json()).toMatchObject({ outcome: "complete" });
    const asks = `const { appendFileSync } = require("node:fs");
      const tried = (path) => { try { appendFileSync(path, "x"); return "written"; } catch (error) { return error.code; } };
      console.log(process.getuid(), process.getgid(), tried("/app/dist/main.js"));`;
    expect(await docker(socketPath, "exec", container, "node", "-e", asks)).toBe("10001 10001 EACCES");
    await docker(socketPath, "stop", "--time", "60", container);
    expect(await docker(socketPath, "inspect", "--format", "{{.State.ExitCode}}", container)).toBe("0");
    await docker(socketPath, "rm", container);
  });

  it("[APP-18] the scheduler has the code of every runtime, and none of its own files to change", async () => {
    const started = (...env: readonly string[]): Promise<Ending> =>
      run("docker", [
        "--host",
        `unix://${socketPath}`,
        "run",
        "--rm",
        ...hardened,
        "--volume",
        `${folder}:/etc/mayfly:ro`,
        ...env.flatMap((variable) => ["--env", variable]),
        "mayfly-scheduler:test",
      ]);
    const spec = "MAYFLY_RUNTIME_SPEC=/etc/mayfly/spec.json";
    expect(await started("MAYFLY_RUNTIME=process", spec)).toMatchObject({
      code: 1,
      output: expect.stringContaining("spec.json: commands: ") as unknown,
    });
    const remote = ["MAYFLY_DOCKER_HOST=tcp://engine:2376", "MAYFLY_DOCKER_CERT_PATH=/etc/mayfly"];
    expect(await started("MAYFLY_RUNTIME=docker", spec, ...remote)).toMatchObject({
      code: 1,
      output: expect.stringContaining("MAYFLY_DOCKER_CERT_PATH: ca.pem cannot be read") as unknown,
    });
    expect(await started("MAYFLY_RUNTIME=kubernetes", spec)).toMatchObject({
      code: 1,
      output: expect.stringContaining("MAYFLY_KUBECONFIG: ") as unknown,
    });
    const asks = `const { appendFileSync, readdirSync } = require("node:fs");
      const tried = (path) => { try { appendFileSync(path, "x"); return "written"; } catch (error) { return error.code; } };
      console.log(tried("/app/dist/main.js"), readdirSync("/app").join());`;
    const writable = ["run", "--rm", "--network", "none", "mayfly-scheduler:test", "node", "-e", asks];
    expect(await docker(socketPath, ...writable)).toBe("EACCES dist,node_modules,package.json");
  });
});
