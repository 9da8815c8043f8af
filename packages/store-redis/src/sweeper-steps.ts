import type {
  DueAnswer,
  StalledRequest,
  StalledTask,
  SweepAnswer,
  SweepRequest,
  UndeliveredAnswer,
  UndeliveredRequest,
} from "@mayfly/store";
import type { Announcement, Reason } from "@mayfly/task";
import { field, jsonField } from "./field.ts";
import type { Script } from "./script.ts";
import {
  expireTasks,
  findStalled,
  reannounceTask,
  recoverTasks,
  takeDue,
  undeliveredTask,
} from "./scripts.generated.ts";
import type { ScriptAnswer, ShardScripts } from "./shard-scripts.ts";
import { viewOfTombstone } from "./task-record.ts";

/** How many values of an answer stand for one announcement: see scripts/take-due.lua. */
const announcementLength = 7;

/** And how many for one task that waits too long: see scripts/find-stalled.lua. */
const stalledLength = 4;

/** What is done for the sweeper: the methods of TaskStore by the same names. */
export class SweeperSteps {
  readonly #scripts: ShardScripts;

  constructor(scripts: ShardScripts) {
    this.#scripts = scripts;
  }

  expire(request: SweepRequest): Promise<SweepAnswer> {
    return this.#sweep(expireTasks, request);
  }

  recover(request: SweepRequest): Promise<SweepAnswer> {
    return this.#sweep(recoverTasks, request);
  }

  async due({ shard, limit, maxBytes }: SweepRequest & { readonly maxBytes: number }): Promise<DueAnswer> {
    const [nextInMs, ...values] = await this.#scripts.run(shard, takeDue, [limit, maxBytes]);
    const announcements: Announcement[] = [];
    for (let from = 0; from < values.length; from += announcementLength) {
      announcements.push(announcementOf(values.slice(from, from + announcementLength)));
    }
    return { announcements, ...next(nextInMs) };
  }

  async stalled({ shard, limit, ageMs, skip = 0 }: StalledRequest): Promise<readonly StalledTask[]> {
    const values = await this.#scripts.run(shard, findStalled, [limit, ageMs, skip]);
    const tasks: StalledTask[] = [];
    for (let from = 0; from < values.length; from += stalledLength) {
      const [id, scheduler, token, isOvertaken] = values.slice(from, from + stalledLength);
      tasks.push({
        id: String(id),
        scheduler: String(scheduler),
        token: String(token),
        isOvertaken: Number(isOvertaken) === 1,
      });
    }
    return tasks;
  }

  async reannounce(id: string, token: string): Promise<boolean> {
    return (await this.#scripts.run(this.#scripts.shardOf(id), reannounceTask, [id, token]))[0] === 1;
  }

  async undelivered(request: UndeliveredRequest): Promise<UndeliveredAnswer> {
    const { id, token, scheduledAt, delayMs, maxFailures, message } = request;
    const reason: Reason = { code: "undeliverable", message };
    const args = [id, token, field(scheduledAt), delayMs, maxFailures, jsonField(reason)];
    const [name, tombstone] = await this.#scripts.run(this.#scripts.shardOf(id), undeliveredTask, args);
    if (name === "ended") return { answer: "ended", view: viewOfTombstone(id, String(tombstone)) };
    return { answer: name as "released" | "stale" | "gone" | "lost" };
  }

  async #sweep(script: Script, { shard, limit }: SweepRequest): Promise<SweepAnswer> {
    const [nextInMs, ...ids] = await this.#scripts.run(shard, script, [limit]);
    return { ids: ids.map(String), ...next(nextInMs) };
  }
}

function next(nextInMs: string | number | undefined): { readonly nextInMs?: number } {
  return nextInMs === "" ? {} : { nextInMs: Number(nextInMs) };
}

function announcementOf([id, scheduler, body, token, scheduledAt, attempt, traceparent]: ScriptAnswer): Announcement {
  return {
    id: String(id),
    scheduler: String(scheduler),
    body: String(body),
    token: String(token),
    scheduledAt: Number(scheduledAt),
    attempt: Number(attempt),
    ...(traceparent !== "" && { traceparent: String(traceparent) }),
  };
}
