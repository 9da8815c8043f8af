import { isJsonObject } from "./patch/json.ts";
import { StatusError } from "./status-error.ts";

/** How to delete. */
export interface DeleteOptions {
  readonly propagationPolicy?: "Orphan" | "Background" | "Foreground";
  readonly gracePeriodSeconds?: number;
  /** The object must still be this one. */
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

const policies = ["Orphan", "Background", "Foreground"] as const;

/**
 * Reads the options of a DELETE from its body, or from its query when it has no body: a body hides the query, as in the
 * API server.
 *
 * @throws `BadRequest` when they are none.
 */
export function parseDeleteOptions(body: unknown, query: URLSearchParams): DeleteOptions {
  const grace = query.get("gracePeriodSeconds");
  const given: unknown = body ?? {
    ...(grace !== null && { gracePeriodSeconds: Number(grace) }),
    ...(query.has("propagationPolicy") && { propagationPolicy: query.get("propagationPolicy") }),
  };
  if (!isJsonObject(given)) throw StatusError.badRequest("DeleteOptions must be an object");
  const { propagationPolicy, gracePeriodSeconds, preconditions } = given;
  const policy = policies.find((name) => name === propagationPolicy);
  if (propagationPolicy !== undefined && propagationPolicy !== null && policy === undefined)
    throw StatusError.badRequest(`unknown propagation policy: ${JSON.stringify(propagationPolicy)}`);
  if (gracePeriodSeconds !== undefined && !(Number.isInteger(gracePeriodSeconds) && Number(gracePeriodSeconds) >= 0))
    throw StatusError.badRequest("gracePeriodSeconds must be a whole number, 0 or more");
  return {
    ...(policy && { propagationPolicy: policy }),
    ...(typeof gracePeriodSeconds === "number" && { gracePeriodSeconds }),
    ...(isJsonObject(preconditions) && { preconditions: preconditionsOf(preconditions) }),
  };
}

function preconditionsOf(given: Readonly<Record<string, unknown>>): NonNullable<DeleteOptions["preconditions"]> {
  const { uid, resourceVersion } = given;
  return {
    ...(typeof uid === "string" && { uid }),
    ...(typeof resourceVersion === "string" && { resourceVersion }),
  };
}
