import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { ProcessEntry, ProcessTable } from "./process-table.ts";

const run = promisify(execFile);

/** The processes of a host without `/proc`, from ps(1). It does not tell environments, so there are no marks. */
export const psProcessTable: ProcessTable = {
  async read() {
    const { stdout } = await run("ps", ["-axo", "pid=,ppid=,pgid=,stat=,lstart="], {
      env: { PATH: "/bin:/usr/bin", LC_ALL: "C", TZ: "UTC" },
      maxBuffer: 2 ** 26,
    });
    return stdout
      .split("\n")
      .map(parseLine)
      .filter((entry) => entry !== undefined);
  },
  find: async (pid) => (await psProcessTable.read()).find((entry) => entry.pid === pid),
  markOf: () => Promise.resolve(undefined),
};

/** Reads `41 1 41 Ss Fri Nov 27 04:24:27 2026`. */
function parseLine(line: string): ProcessEntry | undefined {
  const [pid, parent, group, state, ...start] = line.trim().split(/\s+/);
  if (state === undefined) return undefined;
  const startedAt = Date.parse(`${start.join(" ")} UTC`);
  const isRunning = !state.startsWith("Z");
  return { pid: Number(pid), parent: Number(parent), group: Number(group), start: startedAt, isRunning };
}
