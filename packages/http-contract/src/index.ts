/**
 * The HTTP API of Mayfly as data: each route with its schemas, statuses and error codes. The server, the client and the
 * OpenAPI document are made of it. Runs in a browser.
 *
 * ```ts
 * routes.scheduleTask.path; // "/task/schedule"
 * const document = openApiDocument({ serverUrl: "https://mayfly.example" });
 * ```
 *
 * @packageDocumentation
 */
export { maxBatchBytes, maxBodyBytes, type RouteName, type Routes, routes, schedulerListSchema } from "./routes.ts";
export type { Route, RouteBody, RouteMedia, RouteResponse } from "./route.ts";
export {
  maxBatchTasks,
  type ScheduleBody,
  type ScheduleResult,
  scheduleBatchEnvelopeSchema,
  scheduleBatchSchema,
  scheduleBodySchema,
  scheduleResultSchema,
  scheduleResultsSchema,
} from "./schedule-body.ts";
export {
  abortBodySchema,
  findTaskQuerySchema,
  listTasksQuerySchema,
  maxWaitSeconds,
  type TaskPage,
  taskPageSchema,
  taskParamsSchema,
} from "./task-query.ts";
export { logEndSchema, logEventSchema, logNextHeader, taskLogHeadersSchema, taskLogQuerySchema } from "./task-log.ts";
export { healthSchema, type ReadinessView, readinessSchema } from "./health.ts";
export {
  type Problem,
  type ProblemCode,
  type ProblemError,
  problemCodeSchema,
  problemErrorSchema,
  problemSchema,
  problems,
} from "./problem.ts";
export { openApiDocument } from "./open-api.ts";
