import type { z } from "zod";
import type { ProblemCode } from "./problem.ts";

/** One operation of the HTTP API, as data. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With parameters in braces, as OpenAPI writes it: `/task/{id}`. */
  readonly path: string;
  /** What it does, in a few words. */
  readonly summary: string;
  /** The path parameters, and the problem of a path that does not fit. */
  readonly params?: { readonly schema: z.ZodObject; readonly problem: ProblemCode };
  /** The query parameters; one that does not fit is an `invalid_request`. */
  readonly query?: z.ZodObject;
  /** The headers that it reads, by their names as they are written; one that does not fit is an `invalid_request`. */
  readonly headers?: z.ZodObject;
  readonly body?: RouteBody;
  /** Each success by its status; a 503 stands here too where it has a body of its own. */
  readonly responses: Readonly<Record<number, RouteResponse>>;
  /** Each problem that it can answer with. */
  readonly errors: readonly ProblemCode[];
}

/** What a {@link Route} takes as its body: JSON. */
export interface RouteBody {
  readonly schema: z.ZodObject;
  /** What alone is checked of the whole, where the parts of a body may fail one by one. */
  readonly envelope?: z.ZodObject;
  /** The problem of a body that does not fit. */
  readonly problem: ProblemCode;
  /** Whether a missing body counts as `{}`. */
  readonly optional: boolean;
  /** A longer one is `too_large`. */
  readonly maxBytes: number;
}

/** What a {@link Route} answers with one status. */
export interface RouteResponse {
  readonly description: string;
  /** Of its body, which is JSON. Absent, and no `media` either: no body. */
  readonly schema?: z.ZodType;
  /** Instead of `schema`: the kinds of text that its body can be, by media type; `Accept` chooses, the first one else. */
  readonly media?: Readonly<Record<string, RouteMedia>>;
  /** What each header that it sets says. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One kind of text that a {@link RouteResponse} can be. */
export interface RouteMedia {
  readonly description: string;
  /** Of the JSON in `data`, by the name of the event, where the text is server-sent events. */
  readonly events?: Readonly<Record<string, z.ZodType>>;
}
