import {
  type ProblemCode,
  problemSchema,
  problems,
  type Route,
  type RouteResponse,
  routes,
} from "@mayfly/http-contract";
import { expect } from "vitest";
import type { z } from "zod";

/** What came back. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: Headers;
  // A test reads what it expects to be there.
  readonly body: Record<string, unknown>;
}

/** Problems of requests that no route takes. */
const routeless: readonly ProblemCode[] = ["not_found", "method_not_allowed", "invalid_request"];

/** Reads a response, and holds it to the contract: its status, its media type, its body, and what must not be in it. */
export async function checkedResponse(method: string, path: string, response: Response): Promise<ApiResponse> {
  const { status, headers } = response;
  const text = await response.text();
  // fetch resolves `..` before it sends: the route is that of the path which the server saw.
  const route = routeOf(method, response.url === "" ? path : new URL(response.url).pathname);
  const declared: RouteResponse | undefined = route?.responses[status];
  const mediaType = headers.get("Content-Type");
  const faults: string[] = [];
  if (headers.has("X-Powered-By") || headers.has("ETag")) faults.push("has headers of Express");
  if (/\bat .+\.ts:\d+/.test(text)) faults.push("has a stack");
  let body: Record<string, unknown> = {};
  if (method === "HEAD" || (declared !== undefined && declared.schema === undefined && declared.media === undefined)) {
    if (text !== "") faults.push("has a body");
  } else if (declared?.media !== undefined) {
    const mediaTypes = Object.keys(declared.media).map((type) => `${type}; charset=utf-8`);
    if (!mediaTypes.includes(mediaType ?? "")) faults.push(`is ${mediaType}`);
    body = { text };
  } else {
    body = JSON.parse(text) as Record<string, unknown>;
    const expected = declared?.schema === undefined ? "application/problem+json" : "application/json";
    if (mediaType !== expected) faults.push(`is ${mediaType}`);
    faults.push(
      ...(declared?.schema === undefined
        ? problemFaults(status, headers, body, route)
        : schemaFaults(declared.schema, body)),
    );
  }
  expect(faults.map((fault) => `${method} ${path} → ${status} ${text.slice(0, 300)}: ${fault}`)).toEqual([]);
  return { status, headers, body };
}

function schemaFaults(schema: z.ZodType, body: unknown): readonly string[] {
  return schema.safeParse(body).error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];
}

function problemFaults(status: number, headers: Headers, body: unknown, route: Route | undefined): readonly string[] {
  const { data: problem, error } = problemSchema.safeParse(body);
  if (problem === undefined) return [`is no problem: ${error?.message}`];
  const allowed = [...(route?.errors ?? []), ...routeless];
  return [
    ...(problem.status === status && problems[problem.code].status === status
      ? []
      : ["has another status in its body"]),
    ...(allowed.includes(problem.code) ? [] : ["has a code that the route does not list"]),
    ...(headers.has("Retry-After") === (status === 503) ? [] : ["has Retry-After where it should not, or the reverse"]),
  ];
}

function routeOf(method: string, path: string): Route | undefined {
  const [pathname = ""] = path.split("?");
  const verb = method === "HEAD" ? "GET" : method;
  return Object.values<Route>(routes)
    .sort((a, b) => Number(a.path.includes("{")) - Number(b.path.includes("{")))
    .find(
      (route) => route.method === verb && new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(pathname),
    );
}
