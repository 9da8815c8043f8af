import type { IContainer, IPodSpec } from "kubernetes-models/v1";
import type { FieldProblem } from "../status-error.ts";
import { duplicates, forbidden, invalid, problemIf, required } from "./field-problems.ts";
import { isDnsLabel } from "./meta-validation.ts";
import { parseQuantity } from "./quantity.ts";

/**
 * What the API server checks of a pod beyond the schema, as far as it matters for programs that make Jobs.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
 */
export function podSpecProblems(field: string, spec: IPodSpec): readonly FieldProblem[] {
  const { containers, volumes = [], terminationGracePeriodSeconds: graceSeconds = 0 } = spec;
  const all = [...(spec.initContainers ?? []), ...containers];
  const volumeNames = volumes.map(({ name }) => name);
  return [
    ...problemIf(containers.length === 0, required(`${field}.containers`)),
    ...problemIf(
      graceSeconds < 0,
      invalid(`${field}.terminationGracePeriodSeconds`, graceSeconds, "must be greater than or equal to 0"),
    ),
    ...problemIf(
      (spec.initContainers ?? []).length > 0,
      forbidden(`${field}.initContainers`, "this server for tests runs none"),
    ),
    ...duplicates(
      `${field}.containers`,
      all.map(({ name }) => name),
    ),
    ...duplicates(`${field}.volumes`, volumeNames),
    ...volumes.flatMap((volume, index) => [
      ...nameProblems(`${field}.volumes[${index}].name`, volume.name),
      ...problemIf(
        Object.keys(volume).length !== 2,
        required(`${field}.volumes[${index}]`, "must specify one volume type"),
      ),
    ]),
    ...containers.flatMap((container, index) =>
      containerProblems(`${field}.containers[${index}]`, container, volumeNames),
    ),
  ];
}

function containerProblems(field: string, container: IContainer, volumes: readonly string[]): readonly FieldProblem[] {
  const { image, env = [], volumeMounts = [], resources } = container;
  return [
    ...nameProblems(`${field}.name`, container.name),
    ...problemIf(image === undefined || image === "", required(`${field}.image`)),
    ...problemIf(
      image !== image?.trim(),
      invalid(`${field}.image`, image, "must not have leading or trailing whitespace"),
    ),
    ...env.flatMap(({ name, value, valueFrom }, index) => [
      ...problemIf(
        !/^[ -<>-~]+$/.test(name),
        invalid(`${field}.env[${index}].name`, name, "must consist of printable ASCII characters other than '='"),
      ),
      ...problemIf(
        value !== undefined && value !== "" && valueFrom !== undefined,
        invalid(`${field}.env[${index}].valueFrom`, "", "may not be specified when `value` is not empty"),
      ),
    ]),
    ...volumeMounts.flatMap(({ name, mountPath }, index) => [
      ...problemIf(!volumes.includes(name), {
        reason: "FieldValueInvalid",
        field: `${field}.volumeMounts[${index}].name`,
        message: `Not found: "${name}"`,
      }),
      ...problemIf(mountPath === "", required(`${field}.volumeMounts[${index}].mountPath`)),
    ]),
    ...duplicates(
      `${field}.volumeMounts`,
      volumeMounts.map(({ mountPath }) => mountPath),
    ),
    ...resourceProblems(`${field}.resources`, resources?.requests ?? {}, resources?.limits ?? {}),
  ];
}

type Amounts = Readonly<Record<string, string | number>>;

function resourceProblems(field: string, requests: Amounts, limits: Amounts): readonly FieldProblem[] {
  const negative = (part: string, amounts: Amounts): readonly FieldProblem[] =>
    Object.entries(amounts).flatMap(([name, amount]) =>
      problemIf(
        !((parseQuantity(amount) ?? -1) >= 0),
        invalid(`${field}.${part}[${name}]`, amount, "must be greater than or equal to 0"),
      ),
    );
  return [
    ...negative("requests", requests),
    ...negative("limits", limits),
    ...Object.entries(requests).flatMap(([name, amount]) => {
      const limit = limits[name];
      const isMore = limit !== undefined && (parseQuantity(amount) ?? 0) > (parseQuantity(limit) ?? 0);
      return problemIf(
        isMore,
        invalid(`${field}.requests`, amount, `must be less than or equal to ${name} limit of ${limit}`),
      );
    }),
  ];
}

function nameProblems(field: string, name: string): readonly FieldProblem[] {
  return problemIf(
    !isDnsLabel(name),
    invalid(field, name, "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-'"),
  );
}
