import type { Route } from "@mayfly/http-contract";
import type { Request, Response } from "express";
import { checkBody, checkInput } from "./checked-input.ts";
import type { ApiRequest } from "./handler.ts";
import { readJsonBody } from "./json-body.ts";

/** Version 00 of W3C Trace Context; anything else is to be ignored. */
const traceparentPattern = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Checks everything that the route declares: the path first, then the query, then the body.
 *
 * @throws HttpProblem for the first of them that does not fit
 */
export async function toApiRequest(
  route: Route,
  request: Request,
  response: Response,
  endWaits: AbortSignal | undefined,
): Promise<ApiRequest> {
  const traceparent = request.get("traceparent");
  const checked = {
    params: route.params && checkInput(route.params.schema, request.params, route.params.problem),
    query: route.query && checkInput(route.query, queryOf(request), "invalid_request"),
    body: route.body && checkBody(route.body, await readJsonBody(request, route.body.maxBytes)),
    basePath: request.baseUrl,
    traceparent: traceparent !== undefined && traceparentPattern.test(traceparent) ? traceparent : undefined,
    whileAwaited: <T>(step: (signal: AbortSignal) => Promise<T>) => whileAwaited(response, endWaits, step),
  };
  // Each member has just been checked by the schema that its type comes from.
  return checked as ApiRequest;
}

/** By the URL alone: how Express parses queries is a setting of the app that the router is mounted in. */
function queryOf(request: Request): Record<string, string | string[]> {
  const search = new URLSearchParams(request.url.split("?").slice(1).join("?"));
  return Object.fromEntries(
    [...new Set(search.keys())].map((name) => {
      const values = search.getAll(name);
      return [name, values.length === 1 ? (values[0] as string) : values];
    }),
  );
}

async function whileAwaited<T>(
  response: Response,
  endWaits: AbortSignal | undefined,
  step: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const onStop = (): void => stop.abort();
  if (endWaits?.aborted || response.destroyed) onStop();
  response.once("close", onStop);
  endWaits?.addEventListener("abort", onStop);
  try {
    return await step(stop.signal);
  } finally {
    response.off("close", onStop);
    endWaits?.removeEventListener("abort", onStop);
  }
}
