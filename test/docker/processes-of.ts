import { readdir, readFile } from "node:fs/promises";

/** The host's ids of all processes of a task's containers: what a container starts has its variables. */
export async function processesOf(task: string): Promise<readonly number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      // One that has just ended has no variables any more.
      const variables = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
      return variables.split("\0").includes(`MAYFLY_TASK_ID=${task}`);
    }),
  );
  return pids.filter((_pid, index) => found[index]).map(Number);
}
