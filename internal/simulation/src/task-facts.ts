import type { TaskEvent } from "@mayfly/task";
import type { Plan } from "./behaviour.ts";

/** What is known of a task from what the store has answered and told, and what was asked of it. */
export interface TaskFacts {
  readonly id: string;
  readonly plan: Plan | undefined;
  /** When its timeout comes, in epoch milliseconds; unknown until it was scheduled. */
  timeoutMs: number | undefined;
  state: "absent" | "scheduled" | "owned" | "done";
  /** The latest attempt that was told. */
  attempt: number;
  /** The latest claim: what proves an owner. */
  owner: { readonly attempt: number; readonly token: string } | undefined;
  /** Whether the latest owner has ended it, or released it. */
  closedBy: "finish" | "release" | undefined;
  failures: number;
  /** Whether its work outlives its owner, who then may vanish for no failure. */
  outlivesOwner: boolean;
  /** From when it may be claimed, in epoch milliseconds. */
  dueMs: number;
  /** The terminal event since the store was wiped last, and how many there were in all. */
  end: TaskEvent | undefined;
  ends: number;
  /** Whether a client was told that it is accepted, and whether one has asked for its end. */
  isAccepted: boolean;
  isAbortAsked: boolean;
  /** Whether a wipe of the store may have lost it: nobody had a copy. */
  mayBeLost: boolean;
}

/** The facts of a task of which nothing is known yet. */
export function newFacts(id: string, plan: Plan | undefined): TaskFacts {
  return {
    id,
    plan,
    timeoutMs: undefined,
    state: "absent",
    attempt: 0,
    owner: undefined,
    closedBy: undefined,
    failures: 0,
    outlivesOwner: false,
    dueMs: 0,
    end: undefined,
    ends: 0,
    isAccepted: false,
    isAbortAsked: false,
    mayBeLost: false,
  };
}

/** Something that must never happen, and has. */
export interface Violation {
  readonly text: string;
  /** The task that it happened to, if it was one. */
  readonly id: string | undefined;
  readonly atMs: number;
}
