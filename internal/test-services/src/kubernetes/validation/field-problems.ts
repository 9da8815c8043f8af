import type { FieldProblem } from "../status-error.ts";

/** A value that the field must not have. */
export function invalid(field: string, value: unknown, why: string): FieldProblem {
  return { reason: "FieldValueInvalid", field, message: `Invalid value: ${JSON.stringify(value)}: ${why}` };
}

/** A value that is missing. */
export function required(field: string, why = ""): FieldProblem {
  return { reason: "FieldValueRequired", field, message: why === "" ? "Required value" : `Required value: ${why}` };
}

/** A field that must not be set or changed here. */
export function forbidden(field: string, why: string): FieldProblem {
  return { reason: "FieldValueForbidden", field, message: `Forbidden: ${why}` };
}

/** `[problem]` when `isWrong`, else nothing. */
export function problemIf(isWrong: boolean, problem: FieldProblem): readonly FieldProblem[] {
  return isWrong ? [problem] : [];
}

/** A problem for each value that occurs a second time. */
export function duplicates(field: string, values: readonly string[]): readonly FieldProblem[] {
  const twice = values.filter((value, index) => values.indexOf(value) !== index);
  return twice.map((value) => invalid(field, value, "Duplicate value"));
}
