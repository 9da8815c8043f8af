import type { V1PodTemplateSpec } from "@kubernetes/client-node";
import type { KubernetesImageSpec } from "./kubernetes-spec.ts";
import { containerName } from "./pod-object.ts";
import type { SelectedWork } from "./selected-work.ts";

/** Room on the node's disk for the container's log, beside `/tmp`: nodes keep 5 files of 10 MiB unless they are told otherwise. */
const logMiB = 64;

const pullPolicies = { missing: "IfNotPresent", never: "Never", always: "Always" } as const;

/** The pod of a run, within the Pod Security Standard *restricted*. */
export function podTemplate(
  { image, command }: SelectedWork,
  options: {
    readonly labels: Record<string, string>;
    /** Those of the image cannot replace them. */
    readonly variables: Readonly<Record<string, string>>;
    readonly graceSeconds: number;
  },
): V1PodTemplateSpec {
  const [runAsUser, runAsGroup] = image.user.split(":").map(Number);
  return {
    metadata: { labels: options.labels },
    spec: {
      restartPolicy: "Never",
      terminationGracePeriodSeconds: options.graceSeconds,
      // Work that needs the API of the cluster brings its own credentials.
      automountServiceAccountToken: false,
      // Variables of all services of the namespace would be added to the container's.
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        ...(runAsUser === undefined ? {} : { runAsUser }),
        ...(runAsGroup === undefined ? {} : { runAsGroup }),
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: containerName,
          image: image.image,
          imagePullPolicy: pullPolicies[image.pull],
          command: command.map(verbatim),
          env: variables({ ...image.env, ...options.variables }),
          ...(image.workingDir === undefined ? {} : { workingDir: image.workingDir }),
          resources: resources(image),
          securityContext: {
            allowPrivilegeEscalation: false,
            privileged: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
          volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
        },
      ],
      volumes: [{ name: "tmp", emptyDir: { sizeLimit: `${image.tmpMiB}Mi` } }],
      ...placement(image),
    },
  };
}

function resources({ cpus, memoryMiB, tmpMiB }: KubernetesImageSpec): {
  readonly requests: Record<string, string>;
  readonly limits: Record<string, string>;
} {
  const amounts = {
    cpu: `${Math.round(cpus * 1_000)}m`,
    memory: `${memoryMiB}Mi`,
    "ephemeral-storage": `${tmpMiB + logMiB}Mi`,
  };
  return { requests: { ...amounts }, limits: { ...amounts } };
}

function placement(image: KubernetesImageSpec): Partial<NonNullable<V1PodTemplateSpec["spec"]>> {
  const { nodeSelector, pullSecrets, priorityClass, runtimeClass } = image;
  return {
    ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
    ...(pullSecrets.length === 0 ? {} : { imagePullSecrets: pullSecrets.map((name) => ({ name })) }),
    ...(priorityClass === undefined ? {} : { priorityClassName: priorityClass }),
    ...(runtimeClass === undefined ? {} : { runtimeClassName: runtimeClass }),
  };
}

function variables(values: Readonly<Record<string, string>>): { name: string; value: string }[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: verbatim(value) }));
}

/**
 * Nodes replace `$(NAME)` in commands and variables by the value of a variable, and `$$` by `$`: a task that has such
 * text in an attribute must get it as it is.
 */
function verbatim(text: string): string {
  return text.replaceAll("$", "$$$$");
}
