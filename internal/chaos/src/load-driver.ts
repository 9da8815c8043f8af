import type { MayflyClient, Scheduled } from "@mayfly/client";
import type { Clock } from "@mayfly/service";
import { type ApiCaller, isDefinite } from "./api-caller.ts";
import type { ApiAnswer, PostedTask } from "./history.ts";
import type { PlannedTask } from "./task-plan.ts";

/** What a {@link LoadDriver} is made of. */
export interface LoadDriverOptions {
  readonly api: ApiCaller;
  readonly clock: Clock;
  /** Ends everything, repeats too. */
  readonly signal: AbortSignal;
  /** Told of each task before it is posted for the first time. */
  readonly onTask: (task: PostedTask) => void;
  /** How many tasks may be waiting for their answers. */
  readonly atOnce: number;
}

const statuses: Readonly<Record<Scheduled["status"], number>> = { scheduled: 201, stored: 202, exists: 200 };

/** Does what the clients of a deployment do: posts tasks until they are answered, posts some again, aborts some. */
export class LoadDriver {
  readonly #options: LoadDriverOptions;
  readonly #accepted = new Set<string>();
  #posted = 0;

  constructor(options: LoadDriverOptions) {
    this.#options = options;
  }

  get posted(): number {
    return this.#posted;
  }

  /** The tasks that an API has answered for with 2xx. */
  get accepted(): ReadonlySet<string> {
    return this.#accepted;
  }

  /** Posts all tasks, evenly over `durationMs`; resolves when everything about them has been answered. */
  async run(tasks: readonly PlannedTask[], durationMs: number): Promise<void> {
    const { clock, signal, atOnce } = this.#options;
    const beganMs = clock.monotonicMs();
    const running = new Set<Promise<void>>();
    for (const [index, task] of tasks.entries()) {
      const dueMs = beganMs + (durationMs * index) / tasks.length;
      const waitMs = dueMs - clock.monotonicMs();
      if (waitMs > 0) await clock.sleep(waitMs, { signal });
      while (running.size >= atOnce) await Promise.race(running);
      if (signal.aborted) break;
      const flow = this.#handle(task).finally(() => running.delete(flow));
      running.add(flow);
    }
    await Promise.all(running);
  }

  async #handle(planned: PlannedTask): Promise<void> {
    const { clock, signal, onTask } = this.#options;
    const nowMs = Date.now();
    const task: PostedTask = {
      ...planned,
      timeoutAtMs: nowMs + planned.timeoutInMs,
      ...(planned.notBeforeInMs !== undefined && { notBeforeAtMs: nowMs + planned.notBeforeInMs }),
    };
    onTask(task);
    this.#posted++;
    const first = await this.#untilDefinite(() => this.#post(task, "post"));
    if (first === undefined || first.status >= 300) return;
    const more: Promise<unknown>[] = [];
    for (let count = 0; count < task.repeats; count++) {
      more.push(this.#untilDefinite(() => this.#post(task, "post")));
    }
    if (task.conflicts) more.push(this.#untilDefinite(() => this.#post(task, "conflict")));
    if (task.watched) more.push(this.#watch(task.id));
    if (task.abortAfterMs !== undefined) {
      await clock.sleep(task.abortAfterMs, { signal });
      more.push(this.#untilDefinite(() => this.#abort(task.id)));
    }
    await Promise.all(more);
  }

  async #post(task: PostedTask, call: "post" | "conflict"): Promise<ApiAnswer> {
    const answer = await this.#options.api.call(call, task.id, async (client) => {
      const { status, task: view } = await client.schedule({
        id: task.id,
        scheduler: task.scheduler,
        attributes: call === "post" ? task.attributes : { ...task.attributes, number: -1 },
        timeout: new Date(task.timeoutAtMs).toISOString(),
        notBefore: task.notBeforeAtMs === undefined ? undefined : new Date(task.notBeforeAtMs).toISOString(),
      });
      return { status: statuses[status], view };
    });
    if (call === "post" && answer.status >= 200 && answer.status < 300) this.#accepted.add(task.id);
    return answer;
  }

  async #abort(id: string): Promise<ApiAnswer> {
    return await this.#options.api.call("abort", id, async (client) => {
      const { answer, task } = await client.abort(id, { reason: "chaos" });
      return { status: answer === "ended" ? 200 : 202, view: task };
    });
  }

  async #watch(id: string): Promise<void> {
    const { clock, signal } = this.#options;
    for (let looks = 0; looks < 5 && !signal.aborted; looks++) {
      const answer = await this.#options.api.call("view", id, (client) => look(client, id));
      if (answer.view?.state === "done") return;
      await clock.sleep(500, { signal });
    }
  }

  /** Repeats a call, to the other API each time, until it is known what became of it, or until everything ends. */
  async #untilDefinite(send: () => Promise<ApiAnswer>): Promise<ApiAnswer | undefined> {
    const { clock, signal } = this.#options;
    for (let pauseMs = 100; !signal.aborted; pauseMs = Math.min(2 * pauseMs, 1_000)) {
      const answer = await send();
      if (isDefinite(answer)) return answer;
      await clock.sleep(pauseMs, { signal });
    }
    return undefined;
  }
}

/** Looks at a task; a task that is unknown has the status 404. */
export async function look(client: MayflyClient, id: string): Promise<Pick<ApiAnswer, "status" | "view">> {
  const view = await client.find(id);
  return view === undefined ? { status: 404 } : { status: 200, view };
}
