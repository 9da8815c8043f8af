import {
  type JsonValue,
  type LiveState,
  type Outcome,
  type Reason,
  type Task,
  type TaskView,
  toInstant,
} from "@mayfly/task";
import { recordFields, tombstoneFields } from "./scripts.generated.ts";

type Fields<Name extends string> = Readonly<Record<Name, string>>;

/** Splits the lines that a script has packed: see scripts/shared/record.lua. What follows them is the Task JSON. */
function unpackFields<Name extends string>(
  packed: string,
  names: readonly Name[],
): { fields: Fields<Name>; rest: string } {
  const fields: Partial<Record<Name, string>> = {};
  let from = 0;
  for (const name of names) {
    const to = packed.indexOf("\n", from);
    fields[name] = packed.slice(from, to);
    from = to + 1;
  }
  return { fields: fields as Fields<Name>, rest: packed.slice(from) };
}

/** A live task with its attributes, from its record. */
export function viewOfRecord(id: string, packed: string): TaskView {
  const { fields, rest } = unpackFields(packed, recordFields);
  return { ...summaryOfFields(id, fields), attributes: (JSON.parse(rest) as Task).attributes };
}

/** A live task without its attributes, from the lines of its record. */
export function summaryOfRecord(id: string, packed: string): TaskView {
  return summaryOfFields(id, unpackFields(packed, recordFields).fields);
}

function summaryOfFields(id: string, fields: Fields<(typeof recordFields)[number]>): TaskView {
  return { ...commonMembers(id, fields), state: fields.state as LiveState };
}

/** What is left of a task that is done, from its tombstone. */
export function viewOfTombstone(id: string, packed: string): TaskView {
  const { fields } = unpackFields(packed, tombstoneFields);
  return {
    ...commonMembers(id, fields),
    state: "done",
    outcome: fields.outcome as Outcome,
    ...(fields.result !== "" && { result: JSON.parse(fields.result) as JsonValue }),
    ...(fields.resultDropped !== "" && { resultDropped: true as const }),
    ...(fields.reason !== "" && { reason: JSON.parse(fields.reason) as Reason }),
    endedAt: toInstant(Number(fields.endedAt)),
  };
}

function commonMembers(
  id: string,
  fields: Fields<"scheduler" | "timeout" | "attempt" | "scheduledAt" | "startedAt" | "instance" | "progress">,
): Omit<TaskView, "state"> {
  return {
    id,
    scheduler: fields.scheduler,
    timeout: toInstant(Number(fields.timeout)),
    ...(fields.attempt !== "0" && { attempt: Number(fields.attempt) }),
    scheduledAt: toInstant(Number(fields.scheduledAt)),
    ...(fields.startedAt !== "" && { startedAt: toInstant(Number(fields.startedAt)) }),
    ...(fields.instance !== "" && { instance: fields.instance }),
    ...(fields.progress !== "" && { progress: JSON.parse(fields.progress) as JsonValue }),
  };
}
