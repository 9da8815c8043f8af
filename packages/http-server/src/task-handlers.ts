import { crashPoint, type Logger } from "@mayfly/service";
import type { TaskView } from "@mayfly/task";
import type { ApiDispatcher } from "./api-dispatcher.ts";
import { BatchScheduler } from "./batch-scheduler.ts";
import type { Handlers } from "./handler.ts";
import { HttpProblem } from "./http-problem.ts";
import { scheduledStatus } from "./scheduled-status.ts";

/** What answers everything about tasks. */
export function taskHandlers(
  dispatcher: ApiDispatcher,
  logger: Logger,
): Handlers<"scheduleTask" | "scheduleTasks" | "listTasks" | "findTask" | "abortTask"> {
  const batches = new BatchScheduler({ dispatcher, logger });
  return {
    async scheduleTask({ body, basePath, traceparent }) {
      const { status, task } = await dispatcher.schedule({ ...body, traceparent });
      crashPoint("dispatcher.before_reply");
      if (status === "exists") return { status: 200, body: task };
      return { status: scheduledStatus[status], headers: { Location: `${basePath}/task/${task.id}` }, body: task };
    },

    async scheduleTasks({ body, traceparent }) {
      const results = await batches.schedule(body.tasks, traceparent);
      crashPoint("dispatcher.before_reply");
      return { status: 200, body: { results } };
    },

    async listTasks({ query }) {
      const { tasks, cursor } = await dispatcher.list(query);
      return { status: 200, body: { tasks: [...tasks], ...(cursor !== undefined && { cursor }) } };
    },

    async findTask({ params, query, signal }) {
      const waitMs = (query.wait ?? 0) * 1_000;
      const task = waitMs > 0 ? await dispatcher.wait(params.id, { waitMs, signal }) : await dispatcher.find(params.id);
      return { status: 200, body: known(task, params.id) };
    },

    async abortTask({ params, body }) {
      const { answer, view } = await dispatcher.abort(params.id, { message: body.reason });
      return { status: answer === "ended" ? 200 : 202, body: view };
    },
  };
}

function known(task: TaskView | undefined, id: string): TaskView {
  if (task === undefined) {
    throw new HttpProblem(
      "unknown_task",
      `There is no task ${id}: it never was, or it has been done for longer than tasks are remembered.`,
    );
  }
  return task;
}
