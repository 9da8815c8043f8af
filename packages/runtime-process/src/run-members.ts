import type { ProcessEntry, ProcessTable } from "./process-table.ts";

/** What the processes of a run are known by. */
export interface RunIdentity {
  readonly mark: string;
  /** The first process, which leads the group; unknown when it was never noted down. */
  readonly leader?: { readonly pid: number; readonly start: number } | undefined;
}

/**
 * The processes of a run that are running: those of its group, those with its mark, those that were its before, and all
 * that these have started.
 *
 * @param options.known - the start of each process that was seen as the run's, by its number; what is found is added.
 * It keeps those that have left the group and cleared their environment when whoever started them has ended.
 * @param options.isGroupOurs - that the number of the group still means this run's. Without it the group counts only
 * while its leader is there: numbers are given again.
 */
export async function membersOf(
  { mark, leader }: RunIdentity,
  table: ProcessTable,
  options: { readonly isGroupOurs: boolean; readonly known: Map<number, number> },
): Promise<readonly ProcessEntry[]> {
  const processes = (await table.read()).filter(({ pid }) => pid > 1 && pid !== process.pid);
  const isLeaderThere = processes.some(({ pid, start }) => pid === leader?.pid && start === leader.start);
  const isGroupOurs = leader !== undefined && (options.isGroupOurs || isLeaderThere);
  const running = processes.filter(({ isRunning }) => isRunning);
  const members = new Map<number, ProcessEntry>();
  const others: ProcessEntry[] = [];
  await Promise.all(
    running.map(async (entry) => {
      const isKnown = options.known.get(entry.pid) === entry.start;
      const isInGroup = isGroupOurs && entry.group === leader.pid;
      // Whoever was there before the run cannot be of it: their environments need not be read.
      const isYounger = leader === undefined || entry.start >= leader.start;
      if (isKnown || isInGroup || (isYounger && (await table.markOf(entry.pid)) === mark))
        members.set(entry.pid, entry);
      else others.push(entry);
    }),
  );
  addDescendants(members, others);
  for (const { pid, start } of members.values()) options.known.set(pid, start);
  return [...members.values()];
}

function addDescendants(members: Map<number, ProcessEntry>, others: readonly ProcessEntry[]): void {
  for (let found = true; found; ) {
    found = false;
    for (const entry of others) {
      if (members.has(entry.pid) || !members.has(entry.parent)) continue;
      members.set(entry.pid, entry);
      found = true;
    }
  }
}
