import type { ApiDispatcher } from "./api-dispatcher.ts";
import type { Handlers } from "./handler.ts";
import { HttpProblem } from "./http-problem.ts";

/** What answers everything about schedulers. */
export function schedulerHandlers(
  dispatcher: ApiDispatcher,
): Handlers<"listSchedulers" | "findScheduler" | "registerScheduler" | "deregisterScheduler"> {
  return {
    async listSchedulers() {
      return { status: 200, body: { schedulers: [...(await dispatcher.schedulers())] } };
    },

    async findScheduler({ params }) {
      const scheduler = await dispatcher.findScheduler(params.name);
      if (scheduler === undefined) {
        throw new HttpProblem(
          "unknown_scheduler",
          `There is no scheduler ${params.name}. Start an instance of it, or register it with PUT /scheduler/${params.name}.`,
        );
      }
      return { status: 200, body: scheduler };
    },

    async registerScheduler({ params, body }) {
      const { created, scheduler } = await dispatcher.register(params.name, body);
      return { status: created ? 201 : 200, body: scheduler };
    },

    async deregisterScheduler({ params }) {
      await dispatcher.deregister(params.name);
      return { status: 204 };
    },
  };
}
