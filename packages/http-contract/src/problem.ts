import { z } from "zod";

/** Everything that can be wrong with a request, or with the server while it answers one. */
export const problemCodeSchema = z.enum([
  "malformed_json",
  "not_found",
  "unknown_task",
  "unknown_scheduler",
  "method_not_allowed",
  "task_conflict",
  "registration_conflict",
  "scheduler_busy",
  "too_large",
  "unsupported_media_type",
  "invalid_task",
  "invalid_request",
  "internal",
  "store_unavailable",
  "broker_unavailable",
  "too_many_followers",
]);
/** See {@link problemCodeSchema}. */
export type ProblemCode = z.infer<typeof problemCodeSchema>;

/** The status and the title of each problem. */
export const problems: Readonly<Record<ProblemCode, { readonly status: number; readonly title: string }>> = {
  malformed_json: { status: 400, title: "The body is not JSON in UTF-8" },
  not_found: { status: 404, title: "There is no such route" },
  unknown_task: { status: 404, title: "There is no such task" },
  unknown_scheduler: { status: 404, title: "There is no such scheduler" },
  method_not_allowed: { status: 405, title: "The route has no such method" },
  task_conflict: { status: 409, title: "A task of this id has other content" },
  registration_conflict: { status: 409, title: "A queue of this name has other arguments" },
  scheduler_busy: { status: 409, title: "The scheduler has live tasks or instances" },
  too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The body is not application/json" },
  invalid_task: { status: 422, title: "The task is not valid" },
  invalid_request: { status: 422, title: "The request is not valid" },
  internal: { status: 500, title: "The server failed" },
  store_unavailable: { status: 503, title: "The store is away" },
  broker_unavailable: { status: 503, title: "The broker is away" },
  too_many_followers: { status: 503, title: "As many logs are followed as may be" },
};

/** One fault of a request. */
export const problemErrorSchema = z.object({
  /**
   * Where it is: the names and indexes from the root of the body, query or path parameters, joined with dots
   * (`attributes.a.0`); empty for the whole. For people: names that contain dots are not told apart.
   */
  path: z.string(),
  message: z.string(),
});
/** See {@link problemErrorSchema}. */
export interface ProblemError extends z.infer<typeof problemErrorSchema> {}

/** The body of every answer that is not a success, sent as `application/problem+json` (RFC 9457). */
export const problemSchema = z.object({
  /** `urn:mayfly:problem:<code>`. */
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  /** Names the subject and says what to do. */
  detail: z.string(),
  code: problemCodeSchema,
  /** The faults, at most 20 of them, where the request itself is at fault. */
  errors: z.array(problemErrorSchema).optional(),
});
/** See {@link problemSchema}. */
export interface Problem extends z.infer<typeof problemSchema> {}
