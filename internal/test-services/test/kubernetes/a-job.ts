import type { IJobSpec } from "kubernetes-models/batch/v1";
import type { IContainer, IPodSpec } from "kubernetes-models/v1";

/** What is different about a Job for tests. */
export interface JobParts {
  readonly name?: string;
  /** What `sh -c` runs. */
  readonly script?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Partial<IJobSpec>;
  readonly pod?: Partial<IPodSpec>;
  readonly container?: Partial<IContainer>;
}

/** A Job that keeps to the Pod Security Standard *restricted* and runs a script once. */
export function aJob(parts: JobParts = {}): {
  readonly apiVersion: "batch/v1";
  readonly kind: "Job";
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string> };
  readonly spec: IJobSpec;
} {
  const { name = "a", script = "true", labels = {}, spec, pod, container } = parts;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, labels: { ...labels } },
    spec: {
      backoffLimit: 0,
      template: {
        metadata: { labels: { ...labels } },
        spec: {
          restartPolicy: "Never",
          terminationGracePeriodSeconds: 1,
          securityContext: { runAsNonRoot: true, runAsUser: 1_000, seccompProfile: { type: "RuntimeDefault" } },
          containers: [
            {
              name: "task",
              image: "test.example/tools:1",
              command: ["sh", "-c", script],
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
              ...container,
            },
          ],
          ...pod,
        },
      },
      ...spec,
    },
  };
}
