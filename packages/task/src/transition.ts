import type { LiveState, State } from "./state.ts";

/** What can be done to a task, by its creator, its owner, or the sweeper. */
export type Operation =
  | "claim"
  | "attach"
  | "heartbeat"
  | "progress"
  | "release"
  | "finish"
  | "restore"
  | "abort"
  | "expire"
  | "recover"
  | "reannounce"
  | "undelivered";

/**
 * The whole life of a task, once: from each live state, the state that each operation can lead to. An operation that is
 * not listed for a state changes nothing there. `done` has no way out.
 *
 * Where two states are listed, the guard decides: `release`, `recover` and `undelivered` end a task whose failures are
 * used up, and the first two, like `claim`, end one that was aborting; `finish` on an aborting task ends it as aborted.
 *
 * A task whose record the store has lost is in none of these states: `claim` and `restore` bring it back as running, or
 * end it if its timeout has come; nothing else changes anything.
 *
 * The stores are tested against all of it.
 */
export const transitions: Readonly<Record<LiveState, Readonly<Partial<Record<Operation, readonly State[]>>>>> = {
  scheduled: {
    claim: ["running", "done"],
    abort: ["done"],
    expire: ["done"],
    reannounce: ["scheduled"],
    undelivered: ["scheduled", "done"],
  },
  running: {
    attach: ["running"],
    heartbeat: ["running"],
    progress: ["running"],
    release: ["scheduled", "done"],
    finish: ["done"],
    restore: ["running"],
    abort: ["aborting"],
    expire: ["done"],
    recover: ["scheduled", "done"],
    claim: ["running", "done"],
  },
  aborting: {
    attach: ["aborting"],
    heartbeat: ["aborting"],
    progress: ["aborting"],
    release: ["done"],
    finish: ["done"],
    restore: ["aborting"],
    abort: ["aborting"],
    expire: ["done"],
    recover: ["done"],
    claim: ["done"],
  },
};
