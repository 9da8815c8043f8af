import { readdir, readFile } from "node:fs/promises";
import { markVariable, type ProcessEntry, type ProcessTable } from "./process-table.ts";

/** The processes of a Linux host, from `/proc` (proc(5)). */
export const procProcessTable: ProcessTable = {
  async read() {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const entries = await Promise.all(pids.map((pid) => procProcessTable.find(Number(pid))));
    return entries.filter((entry) => entry !== undefined);
  },
  async find(pid) {
    const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(unlessAbsent);
    return stat === undefined ? undefined : parseStat(stat);
  },
  async markOf(pid) {
    const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(unlessAbsent);
    const prefix = `${markVariable}=`;
    return environment
      ?.split("\0")
      .find((variable) => variable.startsWith(prefix))
      ?.slice(prefix.length);
  },
};

/** Reads `pid (name) state ppid pgrp …`; the name may hold spaces and parentheses. */
export function parseStat(stat: string): ProcessEntry | undefined {
  const end = stat.lastIndexOf(")");
  const [state, parent, group, ...rest] = stat.slice(end + 2).split(" ");
  // `starttime` is field 22, and field 6 the first of the rest.
  const start = Number(rest[16]);
  if (end < 0 || state === undefined || !Number.isFinite(start)) return undefined;
  const isRunning = state !== "Z" && state !== "X";
  return { pid: Number.parseInt(stat, 10), parent: Number(parent), group: Number(group), start, isRunning };
}

/** Absent, or of another user: neither is a process that this one could have started. */
function unlessAbsent(error: NodeJS.ErrnoException): undefined {
  if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(error.code ?? "")) return undefined;
  throw error;
}
