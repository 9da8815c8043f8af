import { isTerminal, type TaskEvent } from "@mayfly/task";
import type { ApiAnswer, History, PostedTask, RunLine } from "../history.ts";

/** All that is known of one task. */
export interface TaskHistory {
  readonly id: string;
  /** Absent when nobody has posted it. */
  readonly task: PostedTask | undefined;
  readonly answers: readonly ApiAnswer[];
  readonly events: readonly TaskEvent[];
  readonly runs: readonly Run[];
  /** Whether an API has answered its post with 2xx. */
  readonly isAccepted: boolean;
  /** Its first terminal event. */
  readonly end: TaskEvent | undefined;
}

/** One execution of a handler. */
export interface Run {
  readonly attempt: number;
  readonly pid: number;
  readonly startedAtMs: number;
  readonly content: string | undefined;
  /** When it was told to stop, if it was. */
  readonly toldAtMs: number | undefined;
  readonly code: string | undefined;
  readonly ending: "returned" | "threw" | undefined;
  readonly endedAtMs: number | undefined;
}

/** A history task by task. */
export function taskHistories(history: History): readonly TaskHistory[] {
  const tasks = new Map(history.tasks.map((task) => [task.id, task]));
  const answers = groupById(history.answers);
  const events = groupById(history.events);
  const runs = groupById(history.runs);
  const ids = new Set([...tasks.keys(), ...answers.keys(), ...events.keys(), ...runs.keys()]);
  return [...ids].map((id) => {
    const its = { answers: answers.get(id) ?? [], events: events.get(id) ?? [] };
    return {
      id,
      task: tasks.get(id),
      ...its,
      runs: runsOf(runs.get(id) ?? []),
      isAccepted: its.answers.some(({ call, status }) => call === "post" && isSuccess(status)),
      end: its.events.find(({ op }) => isTerminal(op)),
    };
  });
}

/** Whether an HTTP status is 2xx. */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** When an event happened, in epoch milliseconds. */
export function atMs(event: TaskEvent): number {
  return Date.parse(event.at);
}

function groupById<T extends { readonly id: string }>(items: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.id);
    if (group === undefined) groups.set(item.id, [item]);
    else group.push(item);
  }
  return groups;
}

/** A start that comes twice for an attempt makes two runs: the later lines belong to the last of them. */
function runsOf(lines: readonly RunLine[]): readonly Run[] {
  const runs: { -readonly [Member in keyof Run]: Run[Member] }[] = [];
  for (const line of lines) {
    if (line.what === "start") {
      runs.push({
        attempt: line.attempt,
        pid: line.pid,
        startedAtMs: line.atMs,
        content: line.content,
        toldAtMs: undefined,
        code: undefined,
        ending: undefined,
        endedAtMs: undefined,
      });
      continue;
    }
    const run = runs.findLast(({ attempt, pid }) => attempt === line.attempt && pid === line.pid);
    if (run === undefined) continue;
    if (line.what === "stop") {
      run.toldAtMs = line.atMs;
      run.code = line.code;
    } else {
      run.ending = line.what;
      run.endedAtMs = line.atMs;
    }
  }
  return runs;
}
