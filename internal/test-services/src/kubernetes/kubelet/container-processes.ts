import { readdirSync, readFileSync } from "node:fs";

/** In the environment of every process of a container, with the container's id: children have it from their parents. */
export const containerIdVariable = "MAYFLY_CONTAINER_ID";

/**
 * The processes that run in a container, by their ids; ended ones that nobody has waited for do not run. Linux only.
 */
export function processesOf(containerId: string): readonly number[] {
  const mark = `${containerIdVariable}=${containerId}`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && read(`/proc/${name}/environ`).split("\0").includes(mark))
    .filter((name) => !/^State:\s+[ZX]/m.test(read(`/proc/${name}/status`)))
    .map(Number);
}

/** Ends all of them at once, also those that have left the process group. */
export function killProcessesOf(containerId: string): void {
  // One that is found may have begun another meanwhile.
  for (let left = processesOf(containerId), round = 0; left.length > 0 && round < 100; round += 1) {
    for (const pid of left) kill(pid);
    left = processesOf(containerId);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
