import {
  type ProblemCode,
  problemSchema,
  problems,
  type Route,
  type RouteResponse,
  routes,
} from "@mayfly/http-contract";
import { expect } from "vitest";

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
  const seen = `${method} ${path} → ${status} ${text.slice(0, 300)}`;
  expect(headers.get("X-Powered-By"), seen).toBeNull();
  expect(headers.get("ETag"), seen).toBeNull();
  expect(text, seen).not.toMatch(/\bat .+\.ts:\d+/);
  const route = routeOf(method, path);
  const declared: RouteResponse | undefined = route?.responses[status];
  if (method === "HEAD" || (declared !== undefined && declared.schema === undefined)) {
    expect(text, seen).toBe("");
    return { status, headers, body: {} };
  }
  const body = JSON.parse(text) as Record<string, unknown>;
  if (declared?.schema !== undefined) {
    expect(headers.get("Content-Type"), seen).toBe("application/json");
    expect(declared.schema.safeParse(body).error, seen).toBeUndefined();
  } else {
    expect(headers.get("Content-Type"), seen).toBe("application/problem+json");
    const problem = problemSchema.parse(body);
    expect(problem.status, seen).toBe(status);
    expect(problems[problem.code].status, seen).toBe(status);
    expect([...(route?.errors ?? []), ...routeless], seen).toContain(problem.code);
    expect(headers.has("Retry-After"), seen).toBe(status === 503);
  }
  return { status, headers, body };
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
