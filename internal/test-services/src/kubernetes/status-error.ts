import { kindOf, qualifiedName, type Resource } from "./store/resource-kind.ts";

/** Which field is wrong, and how. */
export interface FieldProblem {
  readonly reason: "FieldValueInvalid" | "FieldValueRequired" | "FieldValueForbidden" | "FieldValueTooLong";
  readonly field: string;
  readonly message: string;
}

/** What the status is about. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly FieldProblem[];
  readonly retryAfterSeconds?: number;
}

/** A `Status` of Kubernetes, with which the API server answers whatever it does not answer with an object. */
export interface Status {
  readonly kind: "Status";
  readonly apiVersion: "v1";
  readonly metadata: Record<string, never>;
  readonly status: "Success" | "Failure";
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code: number;
}

/** A request that the API server refuses, with the codes and reasons of the Kubernetes API conventions. */
export class StatusError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.name = "StatusError";
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  static badRequest(message: string): StatusError {
    return new StatusError(400, "BadRequest", message);
  }

  static forbidden(resource: Resource, name: string, why: string): StatusError {
    return about(403, "Forbidden", resource, name, `is forbidden: ${why}`);
  }

  static notFound(resource: Resource, name: string): StatusError {
    return about(404, "NotFound", resource, name, "not found");
  }

  static alreadyExists(resource: Resource, name: string): StatusError {
    return about(409, "AlreadyExists", resource, name, "already exists");
  }

  static conflict(resource: Resource, name: string, why: string): StatusError {
    const { group } = kindOf(resource);
    const message = `Operation cannot be fulfilled on ${qualifiedName(kindOf(resource))} "${name}": ${why}`;
    return new StatusError(409, "Conflict", message, { name, group, kind: resource });
  }

  /** The history of changes does not go back that far. */
  static expired(message: string): StatusError {
    return new StatusError(410, "Expired", message);
  }

  static invalid(resource: Resource, name: string, causes: readonly FieldProblem[]): StatusError {
    const { group, kind } = kindOf(resource);
    const problems = causes.map(({ field, message }) => `${field}: ${message}`);
    const list = problems.length === 1 ? problems[0] : `[${problems.join(", ")}]`;
    const message = `${group === "" ? kind : `${kind}.${group}`} "${name}" is invalid: ${list}`;
    return new StatusError(422, "Invalid", message, { name, group, kind, causes });
  }

  toStatus(): Status {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: this.message,
      reason: this.reason,
      ...(this.details && { details: this.details }),
      code: this.code,
    };
  }
}

function about(code: number, reason: string, resource: Resource, name: string, what: string): StatusError {
  const kind = kindOf(resource);
  const details = { name, group: kind.group, kind: kind.resource };
  return new StatusError(code, reason, `${qualifiedName(kind)} "${name}" ${what}`, details);
}
