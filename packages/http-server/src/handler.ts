import type { Route, RouteName, Routes } from "@mayfly/http-contract";
import type { z } from "zod";

/** A request to a route, with everything that the route declares checked. */
export interface ApiRequest<R extends Route = Route> {
  readonly params: R extends { params: { schema: infer S extends z.ZodType } } ? z.output<S> : undefined;
  readonly query: R extends { query: infer S extends z.ZodType } ? z.output<S> : undefined;
  readonly headers: R extends { headers: infer S extends z.ZodType } ? z.output<S> : undefined;
  readonly body: R extends { body: { envelope: infer E extends z.ZodType } }
    ? z.output<E>
    : R extends { body: { schema: infer S extends z.ZodType } }
      ? z.output<S>
      : undefined;
  /** Where the router is mounted: empty, or a path such as `/api`. */
  readonly basePath: string;
  /** The W3C Trace Context of the request, if it has a valid one. */
  readonly traceparent: string | undefined;
  /** Which of the route's media types the client wants. */
  readonly mediaType: MediaTypeOf<R["responses"][keyof R["responses"]]>;
  /**
   * Fires when nobody waits for the answer any more, or when it is to be given at once because the process shuts down.
   */
  readonly signal: AbortSignal;
}

type MediaTypeOf<Response> = Response extends { media: infer Media } ? keyof Media & string : undefined;

/** An answer that is text, whole or as it comes. */
export interface TextAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly mediaType: string;
  /** What comes piece by piece says at last whether it has come to its end; else the connection is cut. */
  readonly text: string | AsyncGenerator<string, boolean, undefined>;
}

/** One of the answers that the route declares. */
export type ApiAnswer<R extends Route = Route> = {
  [Status in keyof R["responses"] & number]: R["responses"][Status] extends { media: object }
    ? TextAnswer & { readonly status: Status; readonly mediaType: MediaTypeOf<R["responses"][Status]> }
    : {
        readonly status: Status;
        readonly headers?: Readonly<Record<string, string>>;
        readonly body?: R["responses"][Status] extends { schema: infer S extends z.ZodType } ? z.output<S> : undefined;
      };
}[keyof R["responses"] & number];

/** Answers the requests to one route; what it throws becomes a problem. */
type Handler<R extends Route> = (request: ApiRequest<R>) => Promise<ApiAnswer<R>>;

/** A handler for each of some routes. */
export type Handlers<Names extends RouteName = RouteName> = { readonly [Name in Names]: Handler<Routes[Name]> };
