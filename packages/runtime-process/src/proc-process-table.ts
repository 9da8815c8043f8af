import { readdirSync, readFileSync } from "node:fs";
import { markVariable, type ProcessEntry, type ProcessTable } from "./process-table.ts";

/** After how many files others have a turn: about a millisecond. */
const filesPerTurn = 50;

/**
 * The processes of a Linux host, from `/proc` (proc(5)). Its files are made by the kernel as they are read: to hand each
 * to another thread would cost ten times as much as to read it here.
 */
export const procProcessTable: ProcessTable = {
  async read() {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    const entries: ProcessEntry[] = [];
    for (const [index, pid] of pids.entries()) {
      if (index % filesPerTurn === filesPerTurn - 1) await new Promise<void>((resolve) => setImmediate(resolve));
      const entry = readEntry(pid);
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  },
  find: async (pid) => readEntry(pid),
  async markOf(pid) {
    const prefix = `${markVariable}=`;
    return readIfPresent(`/proc/${pid}/environ`)
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

function readEntry(pid: number | string): ProcessEntry | undefined {
  const stat = readIfPresent(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : parseStat(stat);
}

/** Undefined for what is absent, or another user's: neither is of a process that this one could have started. */
function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
