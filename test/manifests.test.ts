import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { kubernetesSpecSchema } from "@mayfly/runtime-kubernetes";
import { expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { type Manifest, schemaProblems } from "./manifest-schema.ts";
import { root } from "./source-files.ts";

/** What is looked at of a Deployment. */
interface Deployment extends Manifest {
  readonly spec: { readonly template: { readonly spec: PodSpec } };
}

interface PodSpec {
  readonly automountServiceAccountToken?: boolean;
  readonly serviceAccountName?: string;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: unknown;
  readonly containers: readonly [Container];
  readonly volumes?: readonly { readonly configMap: { readonly name: string } }[];
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly envFrom: readonly { readonly secretRef: { readonly name: string } }[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly securityContext: unknown;
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly [probe: `${string}Probe`]: { readonly httpGet: { readonly path: string; readonly port: string } };
}

/** What the Secret `mayfly-connections` has, which whoever deploys makes. */
const secret = {
  MAYFLY_REDIS_URL: "rediss://:secret@redis:6379",
  MAYFLY_AMQP_URL: "amqps://mayfly:secret@rabbit:5671",
};

const folders = ["deploy/kubernetes", "packages/runtime-kubernetes/manifests"];
const manifests = folders.flatMap((folder) =>
  readdirSync(join(root, folder)).flatMap((file) =>
    parseAllDocuments(readFileSync(join(root, folder, file), "utf8"), { strict: true }).map((document) => {
      expect(document.errors).toEqual([]);
      return document.toJS() as Manifest;
    }),
  ),
);
const deployments = manifests.filter((manifest): manifest is Deployment => manifest.kind === "Deployment");

it("[APP-19] the manifests are what Kubernetes' own schema says, and belong to one namespace", async () => {
  expect(deployments.map(({ metadata }) => metadata.name).toSorted()).toEqual([
    "mayfly-api",
    "mayfly-scheduler",
    "mayfly-timeout",
  ]);
  expect((await Promise.all(manifests.map(schemaProblems))).flat()).toEqual([]);
  const spaces = manifests.filter(({ kind }) => kind !== "Namespace").map(({ metadata }) => metadata.namespace);
  expect(new Set(spaces)).toEqual(new Set(["mayfly"]));
});

it("[APP-19] the check of manifests sees a wrong type, a missing field and an unknown one", async () => {
  const [deployment] = deployments as [Deployment];
  const { spec } = deployment;
  expect(await schemaProblems({ ...deployment, spec: { ...spec, replicas: "two" } } as Manifest)).toHaveLength(1);
  expect(await schemaProblems({ ...deployment, spec: { ...spec, selector: undefined } } as Manifest)).toHaveLength(1);
  expect(await schemaProblems({ ...deployment, spec: { ...spec, replica: 2 } } as Manifest)).toEqual([
    `Deployment ${deployment.metadata.name}: unknown field spec.replica`,
  ]);
});

it.each(deployments)("[APP-19] $metadata.name keeps to the Pod Security Standard restricted", ({ spec }) => {
  const pod = spec.template.spec;
  expect(pod.securityContext).toEqual({
    runAsNonRoot: true,
    runAsUser: 10_001,
    runAsGroup: 10_001,
    seccompProfile: { type: "RuntimeDefault" },
  });
  expect(pod.containers).toHaveLength(1);
  expect(pod.containers[0].securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
  // Only who starts Jobs speaks to the cluster.
  expect(pod.automountServiceAccountToken ?? pod.serviceAccountName).toBe(
    pod.containers[0].name === "scheduler" ? "mayfly-scheduler" : false,
  );
});

it.each(deployments)(
  "[APP-19] $metadata.name has settings that its program takes, and time to drain",
  async ({ spec }) => {
    const { containers, terminationGracePeriodSeconds, volumes = [] } = spec.template.spec;
    const { name, image, env, envFrom, ports, ...rest } = containers[0];
    expect(image).toMatch(new RegExp(`^mayfly-${name}:\\d`));
    expect(envFrom).toEqual([{ secretRef: { name: "mayfly-connections" } }]);
    const config = (await import(pathToFileURL(join(root, "apps", name, "src/config.ts")).href)) as {
      readonly configSchema: { readonly shape: object };
      readonly parseConfig: (env: object) => { readonly MAYFLY_SHUTDOWN_GRACE_MS: number };
    };
    const given = Object.fromEntries(env.map((variable) => [variable.name, variable.value]));
    expect(Object.keys(given).filter((variable) => !(variable in config.configSchema.shape))).toEqual([]);
    const { MAYFLY_SHUTDOWN_GRACE_MS } = config.parseConfig({ ...secret, ...given });
    expect(terminationGracePeriodSeconds * 1_000).toBeGreaterThan(MAYFLY_SHUTDOWN_GRACE_MS);
    expect(rest.livenessProbe?.httpGet).toEqual({ path: "/healthz", port: ports[0]?.name });
    expect(rest.readinessProbe?.httpGet).toEqual({ path: "/readyz", port: ports[0]?.name });
    for (const { configMap } of volumes) {
      const map = manifests.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === configMap.name);
      const { data } = map as unknown as { readonly data: Readonly<Record<string, string>> };
      expect(kubernetesSpecSchema.safeParse(JSON.parse(data["runtime.json"] ?? "")).error).toBeUndefined();
    }
  },
);
