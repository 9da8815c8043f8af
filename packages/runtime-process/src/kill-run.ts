import type { Clock } from "@mayfly/service";
import type { ProcessEntry, ProcessTable } from "./process-table.ts";
import { membersOf, type RunIdentity } from "./run-members.ts";
import { sendSignal } from "./send-signal.ts";

/** For how long processes that do not die of SIGKILL are waited for, in milliseconds. */
export const giveUpMs = 10_000;

const firstPauseMs = 5;
const longestPauseMs = 100;

/** How the end of a run's processes is brought about. */
export interface KillRunOptions {
  readonly table: ProcessTable;
  readonly clock: Clock;
  /** Whether the number of the group still means this run's when its leader has gone. */
  readonly isGroupOurs: boolean;
  /** See {@link membersOf}. @defaultValue nothing is known yet */
  readonly known?: Map<number, number> | undefined;
  /** Whether to kill now, asked again at each look; until then their end is waited for. @defaultValue always */
  readonly isKilling?: (() => boolean) | undefined;
}

/**
 * Resolves when no process of a run is left: true; or when they do not die, or the host does not tell, for
 * {@link giveUpMs} of killing: false.
 */
export async function killRun(identity: RunIdentity, options: KillRunOptions): Promise<boolean> {
  const { table, clock, known = new Map<number, number>(), isKilling = () => true } = options;
  let { isGroupOurs } = options;
  let killingSinceMs: number | undefined;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const members = await membersOf(identity, table, { isGroupOurs, known }).catch(() => undefined);
    if (members?.length === 0) return true;
    if (isKilling()) {
      killingSinceMs ??= clock.monotonicMs();
      if (clock.monotonicMs() - killingSinceMs > giveUpMs) return false;
      for (const { pid } of members ?? []) sendSignal(pid, "SIGKILL");
    }
    isGroupOurs &&= members === undefined || hasGroup(members, identity);
    await clock.sleep(pauseMs);
  }
}

/** A group that was seen empty is no more: its number can be given to another. */
function hasGroup(members: readonly ProcessEntry[], { leader }: RunIdentity): boolean {
  return members.some(({ group }) => group === leader?.pid);
}
