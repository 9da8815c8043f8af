import type { AbortAnswer, CurrentRun, ScheduleAnswer, ScheduleRequest } from "@mayfly/store";
import { type Reason, type TaskView, toInstant } from "@mayfly/task";
import { field, jsonField, lifetime } from "./field.ts";
import { readHandle } from "./read-handle.ts";
import { abortTask, confirmAnnouncement, currentRun, findTask, scheduleTask } from "./scripts.generated.ts";
import type { ScriptAnswer, ShardScripts } from "./shard-scripts.ts";
import { viewOfRecord, viewOfTombstone } from "./task-record.ts";

/** What is done for whoever creates a task: the methods of TaskStore by the same names. */
export class CreatorSteps {
  readonly #scripts: ShardScripts;

  constructor(scripts: ShardScripts) {
    this.#scripts = scripts;
  }

  async schedule(request: ScheduleRequest): Promise<ScheduleAnswer> {
    const { task } = request;
    const answer = await this.#scripts.runInTime(this.#scripts.shardOf(task.id), scheduleTask, (deadline) => [
      task.id,
      deadline,
      request.body,
      request.contentHash,
      Date.parse(task.timeout),
      request.timeoutGiven ? "1" : "",
      field(request.notBefore),
      request.maxTimeoutMs,
      lifetime(request.retentionMs),
      field(request.announceToken),
      field(request.traceparent),
      task.scheduler,
    ]);
    if (answer[0] === "scheduled") return accepted(request, answer);
    if (answer[0] === "exists") return { answer: "exists", view: viewOf(task.id, answer.slice(1)) };
    return { answer: answer[0] as "conflict" | "timeout_passed" | "timeout_too_far" };
  }

  async announced(id: string, token: string): Promise<void> {
    await this.#scripts.run(this.#scripts.shardOf(id), confirmAnnouncement, [id, token]);
  }

  async abort(id: string, message: string | undefined): Promise<AbortAnswer> {
    const reason: Reason = { code: "requested", message: message ?? "The task was aborted on request." };
    const [name, packed] = await this.#scripts.run(this.#scripts.shardOf(id), abortTask, [id, jsonField(reason)]);
    if (name === "ended") return { answer: "ended", view: viewOfTombstone(id, String(packed)) };
    if (name === "aborting") return { answer: "aborting", view: viewOfRecord(id, String(packed)) };
    return { answer: "unknown" };
  }

  async find(id: string): Promise<TaskView | undefined> {
    const answer = await this.#scripts.run(this.#scripts.shardOf(id), findTask, [id]);
    return answer[0] === "unknown" ? undefined : viewOf(id, answer);
  }

  async currentRun(id: string): Promise<CurrentRun> {
    const [name, run, handle] = await this.#scripts.run(this.#scripts.shardOf(id), currentRun, [id]);
    if (name !== "lives") return { answer: name as "gone" | "unknown" };
    const { handle: stored } = readHandle(String(handle));
    return { answer: "lives", run: Number(run), ...(stored !== undefined && { handle: stored }) };
  }
}

/** From an answer such as `live, record` or `done, tombstone`. */
function viewOf(id: string, [kind, packed]: ScriptAnswer): TaskView {
  return kind === "live" ? viewOfRecord(id, String(packed)) : viewOfTombstone(id, String(packed));
}

/** From `scheduled`, when, and in how many milliseconds it is due. */
function accepted(request: ScheduleRequest, [, at, dueInMs]: ScriptAnswer): ScheduleAnswer {
  const { task, body, announceToken: token, traceparent } = request;
  const { id, scheduler } = task;
  const scheduledAt = Number(at);
  return {
    answer: "scheduled",
    view: { ...task, state: "scheduled", scheduledAt: toInstant(scheduledAt) },
    announcement: {
      id,
      scheduler,
      body,
      token,
      scheduledAt,
      attempt: 0,
      ...(traceparent !== undefined && { traceparent }),
    },
    dueInMs: Number(dueInMs),
  };
}
