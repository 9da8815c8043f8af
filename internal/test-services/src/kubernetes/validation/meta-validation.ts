import type { FieldProblem } from "../status-error.ts";
import type { ObjectMeta } from "../store/api-object.ts";
import { invalid, problemIf } from "./field-problems.ts";

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const dnsSubdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const qualifiedName = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

const longestAnnotations = 256 * 1024;

/** Whether it is a name as of RFC 1123, at most 63 characters. */
export function isDnsLabel(name: string): boolean {
  return name.length <= 63 && dnsLabel.test(name);
}

/**
 * What the API server checks of every object's name, labels and annotations.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
export function metaProblems(meta: ObjectMeta): readonly FieldProblem[] {
  return [
    ...problemIf(
      meta.name.length > 253 || !dnsSubdomain.test(meta.name),
      invalid(
        "metadata.name",
        meta.name,
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'",
      ),
    ),
    ...labelProblems("metadata.labels", meta.labels),
    ...annotationProblems("metadata.annotations", meta.annotations),
  ];
}

/** What is wrong with labels. */
export function labelProblems(
  field: string,
  labels: Readonly<Record<string, string>> | undefined,
): readonly FieldProblem[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...keyProblems(field, key),
    ...problemIf(
      value.length > 63 || !labelValue.test(value),
      invalid(
        field,
        value,
        "a valid label must be an empty string or at most 63 alphanumeric characters, '-', '_' or '.'",
      ),
    ),
  ]);
}

function annotationProblems(
  field: string,
  annotations: Readonly<Record<string, string>> | undefined,
): readonly FieldProblem[] {
  const entries = Object.entries(annotations ?? {});
  const size = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return [
    ...entries.flatMap(([key]) => keyProblems(field, key)),
    ...(size > longestAnnotations
      ? [
          {
            reason: "FieldValueTooLong" as const,
            field,
            message: `Too long: may not be more than ${longestAnnotations} bytes`,
          },
        ]
      : []),
  ];
}

function keyProblems(field: string, key: string): readonly FieldProblem[] {
  const [name = "", prefix, ...rest] = key.split("/").reverse();
  const isValid =
    rest.length === 0 &&
    name.length <= 63 &&
    qualifiedName.test(name) &&
    (prefix === undefined || (prefix.length <= 253 && dnsSubdomain.test(prefix)));
  return problemIf(
    !isValid,
    invalid(
      field,
      key,
      "a qualified name must be a name of at most 63 characters with an optional DNS subdomain prefix and '/'",
    ),
  );
}
