import type { IncomingMessage, ServerResponse } from "node:http";
import { silentLogger } from "@mayfly/service";
import express from "express";
import { sendProblem } from "./answer.ts";
import { HttpProblem } from "./http-problem.ts";
import { HttpService, type HttpServiceOptions } from "./http-service.ts";
import { problemOf } from "./problem-of.ts";
import { createRouter, type RouterOptions } from "./router.ts";

/** How an Express app lets its caller answer what it does not; its types know of two parameters only. */
type WithFallback = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/** What {@link createHttpService} takes: the router's options and the service's. */
export interface CreateHttpServiceOptions
  extends Omit<RouterOptions, "endWaits">,
    Omit<HttpServiceOptions, "listener"> {}

/**
 * The HTTP API as a service of its own. As soon as it is being stopped it is not ready, those who wait for a task are
 * answered with its present state, and logs that are followed are cut.
 */
export function createHttpService(options: CreateHttpServiceOptions): HttpService {
  return new HttpService({
    ...options,
    listener: (drain) => {
      const app = express();
      const handle: WithFallback = app;
      const isDraining = (): boolean => drain.aborted || (options.isDraining?.() ?? false);
      app.use(createRouter({ ...options, isDraining, endWaits: drain }));
      return (request, response) =>
        // Express gives up by itself, in HTML, on a URL in which it finds no path.
        handle(request, response, (error: unknown) => {
          const problem = error ?? new HttpProblem("not_found", "The URL of the request has no path.");
          sendProblem(response, problemOf(problem, options.logger ?? silentLogger));
        });
    },
  });
}
