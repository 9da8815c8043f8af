import type { TestProject } from "vitest/node";
import { startDocker } from "./docker-server.ts";
import { ensureDocker } from "./ensure-docker.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The socket of the run's Docker engine, which has the image `mayfly-test:1`: busybox. */
    readonly dockerSocket: string;
  }
}

/** Starts one Docker engine for all test files of a run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await ensureDocker((line) => project.vitest.logger.log(line));
  const docker = await startDocker();
  await docker.importImage("mayfly-test:1");
  project.provide("dockerSocket", docker.socketPath);
  return async () => await docker.remove();
}
