import { readdirSync, readFileSync } from "node:fs";

/** The processes of this host that run with all of `variables` in their environment, seen without the runtime's help. */
export function processesWith(variables: Readonly<Record<string, string>>): readonly number[] {
  const wanted = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const environment = readOrNothing(`/proc/${pid}/environ`).split("\0");
      return wanted.every((variable) => environment.includes(variable)) && isRunning(pid);
    })
    .map(Number);
}

/** The marks of all processes of a task that run. */
export function marksOf(taskId: string): ReadonlySet<string> {
  const environments = processesWith({ MAYFLY_TASK_ID: taskId }).map((pid) => readOrNothing(`/proc/${pid}/environ`));
  return new Set(environments.flatMap((each) => /(?:^|\0)MAYFLY_RUN_MARK=([^\0]*)/.exec(each)?.[1] ?? []));
}

/** Whether a process runs: not when it has ended, and waits for somebody to collect its exit code. */
export function isRunning(pid: number | string): boolean {
  const stat = readOrNothing(`/proc/${pid}/stat`);
  return stat !== "" && !/^ [ZX] /.test(stat.replace(/^.*\)/s, ""));
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
