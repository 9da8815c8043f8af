import { maxBodyBytes, type ScheduleResult, scheduleBodySchema } from "@mayfly/http-contract";
import type { Logger } from "@mayfly/service";
import type { ApiDispatcher } from "./api-dispatcher.ts";
import { checkDepth, checkInput } from "./checked-input.ts";
import { HttpProblem } from "./http-problem.ts";
import { problemOf } from "./problem-of.ts";
import { scheduledStatus } from "./scheduled-status.ts";

/** How many tasks of one batch are on their way to the store at a time. */
const concurrency = 64;

/** Schedules the tasks of a batch, each of which may fail alone. */
export class BatchScheduler {
  readonly #dispatcher: ApiDispatcher;
  readonly #logger: Logger;

  constructor(options: { readonly dispatcher: ApiDispatcher; readonly logger: Logger }) {
    this.#dispatcher = options.dispatcher;
    this.#logger = options.logger;
  }

  /**
   * Resolves with the results in the order of `tasks`.
   *
   * @throws HttpProblem when the server itself fails or the store is away: no task can be blamed for that, and it is
   * unknown which of them are stored; no further one is begun
   */
  async schedule(tasks: readonly unknown[], traceparent: string | undefined): Promise<ScheduleResult[]> {
    const results: ScheduleResult[] = [];
    const entries = tasks.entries();
    let failure: HttpProblem | undefined;
    const work = async (): Promise<void> => {
      for (const [index, task] of entries) {
        if (failure !== undefined) return;
        try {
          results[index] = await this.#scheduleOne(task, traceparent);
        } catch (error) {
          const problem = problemOf(error, this.#logger);
          if (problem.status >= 500) failure ??= problem;
          else results[index] = { status: problem.status, error: problem.toJSON() };
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, tasks.length) }, work));
    if (failure !== undefined) throw failure;
    return results;
  }

  async #scheduleOne(task: unknown, traceparent: string | undefined): Promise<ScheduleResult> {
    checkDepth(task, "invalid_task");
    if (Buffer.byteLength(JSON.stringify(task)) > maxBodyBytes) {
      throw new HttpProblem(
        "too_large",
        `The task is longer than ${maxBodyBytes} bytes of JSON. Send less in its attributes.`,
      );
    }
    const body = checkInput(scheduleBodySchema, task, "invalid_task");
    const scheduled = await this.#dispatcher.schedule({ ...body, traceparent });
    return { status: scheduledStatus[scheduled.status], task: scheduled.task };
  }
}
