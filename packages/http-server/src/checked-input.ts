import type { ProblemCode, RouteBody } from "@mayfly/http-contract";
import { findJsonFault, maxJsonDepth } from "@mayfly/task";
import type { z } from "zod";
import { faultAt, HttpProblem } from "./http-problem.ts";

/** `attributes` may be {@link maxJsonDepth} deep and stands inside a body. */
const maxBodyDepth = maxJsonDepth + 1;

/**
 * What `schema` makes of `value`.
 *
 * @throws HttpProblem `code`, with each fault and its path
 */
export function checkInput<S extends z.ZodType>(schema: S, value: unknown, code: ProblemCode): z.output<S> {
  const parsed = schema.safeParse(value, {
    error: (issue) => {
      if (issue.input === undefined) return "is required";
      if (issue.code === "invalid_type") return `must be ${withArticle(issue.expected)}`;
      return undefined;
    },
  });
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => faultAt([...issue.path, key], "is not known here; remove it"))
      : [faultAt(issue.path, issue.message)],
  );
  const [first] = errors;
  throw new HttpProblem(code, `${first?.path || "The whole"}: ${first?.message}.`, { errors });
}

/**
 * The body of a route, checked: first as JSON, as deep as it may be (on the whole, before any schema looks at it), then
 * by its schema.
 *
 * @throws HttpProblem the route's own, or `malformed_json` when there is none and it is needed
 */
export function checkBody(body: RouteBody, value: unknown): unknown {
  if (value === undefined && !body.optional) throw new HttpProblem("malformed_json", "There is no body. Send JSON.");
  const given = value === undefined ? {} : value;
  if (body.envelope !== undefined) return checkInput(body.envelope, given, body.problem);
  checkDepth(given, body.problem);
  return checkInput(body.schema, given, body.problem);
}

/**
 * Refuses JSON that is too deep or has a member `__proto__`.
 *
 * @throws HttpProblem `code`
 */
export function checkDepth(value: unknown, code: ProblemCode): void {
  const fault = findJsonFault(value, maxBodyDepth);
  if (fault === undefined) return;
  const error = faultAt(fault.path, fault.message);
  throw new HttpProblem(code, `${error.path || "The whole"}: ${error.message}.`, { errors: [error] });
}

function withArticle(type: string): string {
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}
