import type { Route } from "@mayfly/http-contract";
import type { z } from "zod";

/** What one call of an operation sends. */
export interface Call<R extends Route = Route> {
  readonly route: R;
  readonly params?: Readonly<Record<string, string>> | undefined;
  /** Members that are undefined are left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Whether doing it twice does it once; then it is repeated when its outcome is unknown. */
  readonly canRepeat: boolean;
  /** How long the server may take beside its usual time, in milliseconds. @defaultValue 0 */
  readonly extraMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An answer that the route declares. */
export type Answer<R extends Route> = {
  [Status in keyof R["responses"] & number]: {
    readonly status: Status;
    readonly body: R["responses"][Status] extends { schema: infer S extends z.ZodType } ? z.output<S> : undefined;
  };
}[keyof R["responses"] & number];

/** The URL of a call: absolute, below `baseUrl`. */
export function urlOf(baseUrl: string, call: Call): URL {
  const path = call.route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(call.params?.[name] ?? ""),
  );
  const url = new URL(baseUrl);
  url.pathname = url.pathname.replace(/\/+$/, "") + path;
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}
