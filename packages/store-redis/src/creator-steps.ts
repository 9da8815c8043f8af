import type { AbortAnswer, ScheduleAnswer, ScheduleRequest } from "@mayfly/store";
import { type Reason, type TaskView, toInstant } from "@mayfly/task";
import { field, jsonField } from "./field.ts";
import { abortTask, confirmAnnouncement, findTask, scheduleTask } from "./scripts.generated.ts";
import type { ScriptAnswer, ShardScripts } from "./shard-scripts.ts";
import { viewOfRecord, viewOfTombstone } from "./task-record.ts";

/** What is done for whoever creates a task: the methods of TaskStore by the same names. */
export class CreatorSteps {
  readonly #scripts: ShardScripts;

  constructor(scripts: ShardScripts) {
    this.#scripts = scripts;
  }

  async schedule(request: ScheduleRequest): Promise<ScheduleAnswer> {
    const { task, body, announceToken, traceparent } = request;
    const answer = await this.#scripts.runInTime(this.#scripts.shardOf(task.id), scheduleTask, (deadline) => [
      task.id,
      deadline,
      body,
      request.contentHash,
      Date.parse(task.timeout),
      request.timeoutGiven ? "1" : "",
      field(request.notBefore),
      request.maxTimeoutMs,
      // Redis takes no lifetime of 0.
      Math.max(1, request.retentionMs),
      field(announceToken),
      field(traceparent),
      task.scheduler,
    ]);
    const [name, second, third] = answer;
    switch (name) {
      case "scheduled": {
        const scheduledAt = Number(second);
        const view = { ...task, state: "scheduled" as const, scheduledAt: toInstant(scheduledAt) };
        const { id, scheduler } = task;
        const announcement = {
          id,
          scheduler,
          body,
          token: announceToken,
          scheduledAt,
          attempt: 0,
          ...(traceparent !== undefined && { traceparent }),
        };
        return { answer: "scheduled", view, announcement, dueInMs: Number(third) };
      }
      case "exists":
        return { answer: "exists", view: viewOf(task.id, [second ?? "", third ?? ""]) };
      default:
        return { answer: name as "conflict" | "timeout_passed" | "timeout_too_far" };
    }
  }

  async announced(id: string, token: string): Promise<void> {
    await this.#scripts.run(this.#scripts.shardOf(id), confirmAnnouncement, [id, token]);
  }

  async abort(id: string, message: string | undefined): Promise<AbortAnswer> {
    const reason: Reason = { code: "requested", message: message ?? "The task was aborted on request." };
    const [name, packed] = await this.#scripts.run(this.#scripts.shardOf(id), abortTask, [id, jsonField(reason)]);
    switch (name) {
      case "ended":
        return { answer: "ended", view: viewOfTombstone(id, String(packed)) };
      case "aborting":
        return { answer: "aborting", view: viewOfRecord(id, String(packed)) };
      default:
        return { answer: "unknown" };
    }
  }

  async find(id: string): Promise<TaskView | undefined> {
    const answer = await this.#scripts.run(this.#scripts.shardOf(id), findTask, [id]);
    return answer[0] === "unknown" ? undefined : viewOf(id, answer);
  }
}

/** From an answer such as `live, record` or `done, tombstone`. */
function viewOf(id: string, [kind, packed]: ScriptAnswer): TaskView {
  return kind === "live" ? viewOfRecord(id, String(packed)) : viewOfTombstone(id, String(packed));
}
