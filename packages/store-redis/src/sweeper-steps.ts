import type { DueAnswer, SweepAnswer, SweepRequest } from "@mayfly/store";
import type { Announcement } from "@mayfly/task";
import type { Script } from "./script.ts";
import { expireTasks, recoverTasks, takeDue } from "./scripts.generated.ts";
import type { ScriptAnswer, ShardScripts } from "./shard-scripts.ts";

/** How many values of an answer stand for one announcement: see scripts/take-due.lua. */
const announcementLength = 7;

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
