import { type Route, type RouteName, routes } from "@mayfly/http-contract";
import { type Clock, type Logger, silentLogger, systemClock } from "@mayfly/service";
import { type NextFunction, type Request, type Response, Router } from "express";
import { sendAnswer, sendProblem } from "./answer.ts";
import type { ApiDispatcher } from "./api-dispatcher.ts";
import { toApiRequest } from "./api-request.ts";
import type { ApiAnswer, ApiRequest, Handlers, TextAnswer } from "./handler.ts";
import { faultAt, HttpProblem } from "./http-problem.ts";
import { logHandlers } from "./log-handlers.ts";
import { problemOf } from "./problem-of.ts";
import { Readiness, type ReadinessChecks } from "./readiness.ts";
import { schedulerHandlers } from "./scheduler-handlers.ts";
import { serviceHandlers } from "./service-handlers.ts";
import { taskHandlers } from "./task-handlers.ts";
import { sendText } from "./text-answer.ts";

/** What the router is made of. */
export interface RouterOptions {
  readonly dispatcher: ApiDispatcher;
  /** What `/readyz` looks at. */
  readonly checks: ReadinessChecks;
  /** Whether the process shuts down: then it is not ready. @defaultValue never */
  readonly isDraining?: (() => boolean) | undefined;
  /**
   * When it fires, everyone who waits for a task is answered at once, and logs are not followed any more, now and from
   * then on. @defaultValue never
   */
  readonly endWaits?: AbortSignal | undefined;
  /** @defaultValue the host's clock */
  readonly clock?: Clock | undefined;
  /** @defaultValue silent */
  readonly logger?: Logger | undefined;
}

/**
 * The HTTP API as an Express 5 router, for any app. It answers every path below the one that it is mounted at, unknown
 * ones with 404, and reads bodies itself: mount it before body parsers, and after the app's own routes or at a path of
 * its own.
 */
export function createRouter(options: RouterOptions): Router {
  const { dispatcher, checks, endWaits } = options;
  const clock = options.clock ?? systemClock;
  const logger = options.logger ?? silentLogger;
  const readiness = new Readiness({ checks, isDraining: options.isDraining ?? (() => false), clock });
  const handlers: Handlers = {
    ...taskHandlers(dispatcher, logger),
    ...logHandlers(dispatcher, clock),
    ...schedulerHandlers(dispatcher),
    ...serviceHandlers(readiness),
  };
  const router = Router({ caseSensitive: true, strict: true });
  router.use(refuseBadPath);
  for (const [path, operations] of operationsByPath()) {
    const mounted = router.route(path.replaceAll(/\{(\w+)\}/g, ":$1"));
    for (const { name, route } of operations) {
      // It is given what its own route declares.
      const handle = handlers[name] as unknown as (request: ApiRequest) => Promise<ApiAnswer | TextAnswer>;
      mounted[verbOf(route)](async (request: Request, response: Response) => {
        const checked = await toApiRequest(route, request, response, endWaits);
        const answer = await handle(checked);
        if ("text" in answer) await sendText(response, answer, checked.signal);
        else sendAnswer(response, answer);
      });
    }
    mounted.all(refuseMethod(operations.map(({ route }) => route)));
  }
  router.use((request: Request) => {
    throw new HttpProblem("not_found", `There is nothing at ${request.path}. See /openapi.json for what there is.`);
  });
  router.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    sendProblem(response, problemOf(error, logger));
  });
  return router;
}

interface Operation {
  readonly name: RouteName;
  readonly route: Route;
}

function operationsByPath(): ReadonlyMap<string, readonly Operation[]> {
  const byPath = new Map<string, Operation[]>();
  for (const [name, route] of Object.entries<Route>(routes)) {
    byPath.set(route.path, [...(byPath.get(route.path) ?? []), { name: name as RouteName, route }]);
  }
  return byPath;
}

function verbOf(route: Route): Lowercase<Route["method"]> {
  return route.method.toLowerCase() as Lowercase<Route["method"]>;
}

function refuseMethod(allowed: readonly Route[]): (request: Request) => void {
  const methods = allowed.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method])).join(", ");
  return (request) => {
    throw new HttpProblem("method_not_allowed", `${request.path} has no ${request.method}. Use ${methods}.`, {
      headers: { Allow: methods },
    });
  };
}

/** Express would fail on such a path with an error of its own. */
function refuseBadPath(request: Request, _response: Response, next: NextFunction): void {
  try {
    decodeURIComponent(request.path);
  } catch (error) {
    throw new HttpProblem("invalid_request", "The path is not percent-encoded UTF-8.", {
      cause: error,
      errors: [faultAt([], "is not percent-encoded UTF-8")],
    });
  }
  next();
}
