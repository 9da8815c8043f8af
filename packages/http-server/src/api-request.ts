import type { Route } from "@mayfly/http-contract";
import type { Request, Response } from "express";
import type { z } from "zod";
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
    headers: route.headers && checkInput(route.headers, headersOf(route.headers, request), "invalid_request"),
    body: route.body && checkBody(route.body, await readJsonBody(request, route.body.maxBytes)),
    basePath: request.baseUrl,
    traceparent: traceparent !== undefined && traceparentPattern.test(traceparent) ? traceparent : undefined,
    mediaType: mediaTypeOf(route, request),
    signal: signalOf(response, endWaits),
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

/** Those that the route declares, under the names that it gives them. */
function headersOf(schema: z.ZodObject, request: Request): Record<string, string | undefined> {
  return Object.fromEntries(Object.keys(schema.shape).map((name) => [name, request.get(name)]));
}

function mediaTypeOf(route: Route, request: Request): string | undefined {
  const types = Object.values(route.responses).flatMap(({ media }) => Object.keys(media ?? {}));
  // Whoever accepts none of them is better off with the first than with nothing.
  return request.accepts(types) || types[0];
}

function signalOf(response: Response, endWaits: AbortSignal | undefined): AbortSignal {
  const unwanted = new AbortController();
  // A response that waits for the one before it on the same connection does not hear of its end.
  const { socket } = response.req;
  const end = (): void => {
    endWaits?.removeEventListener("abort", end);
    socket.off("close", end);
    unwanted.abort();
  };
  if (endWaits?.aborted || response.destroyed || socket.destroyed) end();
  else {
    endWaits?.addEventListener("abort", end);
    response.once("close", end);
    socket.once("close", end);
  }
  return unwanted.signal;
}
