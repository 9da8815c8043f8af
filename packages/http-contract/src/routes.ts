import { registrationSchema, schedulerNameSchema, schedulerViewSchema, taskViewSchema } from "@mayfly/task";
import { z } from "zod";
import { healthSchema, readinessSchema } from "./health.ts";
import type { ProblemCode } from "./problem.ts";
import type { Route } from "./route.ts";
import {
  scheduleBatchEnvelopeSchema,
  scheduleBatchSchema,
  scheduleBodySchema,
  scheduleResultsSchema,
} from "./schedule-body.ts";
import { logEndSchema, logEventSchema, logNextHeader, taskLogHeadersSchema, taskLogQuerySchema } from "./task-log.ts";
import {
  abortBodySchema,
  findTaskQuerySchema,
  listTasksQuerySchema,
  taskPageSchema,
  taskParamsSchema,
} from "./task-query.ts";

/** The longest body of one task, and of everything but a batch, in bytes. */
export const maxBodyBytes: number = 1_048_576;
/** The longest body of a batch, in bytes. */
export const maxBatchBytes: number = 8 * maxBodyBytes;

/** What can be wrong with any body. */
const bodyErrors = ["malformed_json", "too_large", "unsupported_media_type"] as const satisfies ProblemCode[];
/** What can be wrong with any answer that comes from the store. */
const storeErrors = ["internal", "store_unavailable"] as const satisfies ProblemCode[];

const byTask = { schema: taskParamsSchema, problem: "unknown_task" } as const;
const byScheduler = { schema: z.object({ name: schedulerNameSchema }), problem: "invalid_request" } as const;

/** All names of registered schedulers, with what is known of each. */
export const schedulerListSchema = z.object({ schedulers: z.array(schedulerViewSchema) });

/**
 * Every operation of the HTTP API by its name. The server mounts these and no others, in this order; the client calls
 * them. Fixed paths come before those with parameters (as OpenAPI has it): `/task/schedule` is not the task `schedule`.
 */
export const routes = {
  scheduleTask: {
    method: "POST",
    path: "/task/schedule",
    summary: "Schedule one task",
    body: { schema: scheduleBodySchema, problem: "invalid_task", optional: false, maxBytes: maxBodyBytes },
    responses: {
      200: { description: "A task with this id and equal content exists, alive or done", schema: taskViewSchema },
      201: {
        description: "The task is stored and announced",
        schema: taskViewSchema,
        headers: { Location: "Where the task is" },
      },
      202: {
        description: "The task is stored; it is announced when the broker is back",
        schema: taskViewSchema,
        headers: { Location: "Where the task is" },
      },
    },
    errors: [...bodyErrors, "unknown_scheduler", "task_conflict", "invalid_task", ...storeErrors],
  },
  scheduleTasks: {
    method: "POST",
    path: "/tasks/schedule",
    summary: "Schedule up to 1,000 tasks; one that is at fault fails alone",
    body: {
      schema: scheduleBatchSchema,
      envelope: scheduleBatchEnvelopeSchema,
      problem: "invalid_request",
      optional: false,
      maxBytes: maxBatchBytes,
    },
    responses: { 200: { description: "What became of each task, in order", schema: scheduleResultsSchema } },
    errors: [...bodyErrors, "invalid_request", ...storeErrors],
  },
  listTasks: {
    method: "GET",
    path: "/tasks",
    summary: "List live tasks, newest first",
    query: listTasksQuerySchema,
    responses: { 200: { description: "A page of tasks", schema: taskPageSchema } },
    errors: ["invalid_request", ...storeErrors],
  },
  findTask: {
    method: "GET",
    path: "/task/{id}",
    summary: "Look at a task, or wait for its end",
    params: byTask,
    query: findTaskQuerySchema,
    responses: { 200: { description: "The task as it stands", schema: taskViewSchema } },
    errors: ["unknown_task", "invalid_request", ...storeErrors],
  },
  readTaskLog: {
    method: "GET",
    path: "/task/{id}/logs",
    summary: "Read what a task has said, or follow it until it is done",
    params: byTask,
    query: taskLogQuerySchema,
    headers: taskLogHeadersSchema,
    responses: {
      200: {
        description: "The log from there on",
        headers: {
          [logNextHeader]: "Where the log goes on, in bytes from its beginning; not when it is followed as text",
        },
        media: {
          "text/plain": { description: "The log as it is; followed, it comes to its end only when the task is done" },
          "text/event-stream": {
            description: "Pieces of the log, each with where the log goes on as its id, and at last an end",
            events: { log: logEventSchema, end: logEndSchema },
          },
        },
      },
    },
    errors: ["unknown_task", "invalid_request", ...storeErrors, "too_many_followers"],
  },
  abortTask: {
    method: "POST",
    path: "/task/{id}/abort",
    summary: "Abort a task",
    params: byTask,
    body: { schema: abortBodySchema, problem: "invalid_request", optional: true, maxBytes: maxBodyBytes },
    responses: {
      200: { description: "The task is done, now or before", schema: taskViewSchema },
      202: { description: "Its scheduler has been told", schema: taskViewSchema },
    },
    errors: [...bodyErrors, "unknown_task", "invalid_request", ...storeErrors],
  },
  listSchedulers: {
    method: "GET",
    path: "/schedulers",
    summary: "List the registered schedulers",
    responses: { 200: { description: "All schedulers, sorted by name", schema: schedulerListSchema } },
    errors: [...storeErrors],
  },
  findScheduler: {
    method: "GET",
    path: "/scheduler/{name}",
    summary: "Look at a scheduler",
    params: byScheduler,
    responses: { 200: { description: "The scheduler", schema: schedulerViewSchema } },
    errors: ["unknown_scheduler", "invalid_request", ...storeErrors],
  },
  registerScheduler: {
    method: "PUT",
    path: "/scheduler/{name}",
    summary: "Register a scheduler; given members replace, others stay",
    params: byScheduler,
    body: { schema: registrationSchema, problem: "invalid_request", optional: true, maxBytes: maxBodyBytes },
    responses: {
      200: { description: "The scheduler had been registered before", schema: schedulerViewSchema },
      201: { description: "The scheduler is new", schema: schedulerViewSchema },
    },
    errors: [...bodyErrors, "registration_conflict", "invalid_request", ...storeErrors, "broker_unavailable"],
  },
  deregisterScheduler: {
    method: "DELETE",
    path: "/scheduler/{name}",
    summary: "Remove a scheduler and its queue",
    params: byScheduler,
    responses: { 204: { description: "Its registration and its queue are gone" } },
    errors: ["unknown_scheduler", "scheduler_busy", "invalid_request", ...storeErrors, "broker_unavailable"],
  },
  health: {
    method: "GET",
    path: "/healthz",
    summary: "Whether the process is up",
    responses: { 200: { description: "It is", schema: healthSchema } },
    errors: [],
  },
  readiness: {
    method: "GET",
    path: "/readyz",
    summary: "Whether the process can do its work",
    responses: {
      200: { description: "It can, or (degraded) without the broker", schema: readinessSchema },
      503: { description: "It cannot", schema: readinessSchema },
    },
    errors: [],
  },
  openApi: {
    method: "GET",
    path: "/openapi.json",
    summary: "This document",
    responses: { 200: { description: "OpenAPI 3.1", schema: z.looseObject({ openapi: z.string() }) } },
    errors: [],
  },
} as const satisfies Record<string, Route>;

/** See {@link routes}. */
export type Routes = typeof routes;
/** The name of an operation. */
export type RouteName = keyof Routes;
