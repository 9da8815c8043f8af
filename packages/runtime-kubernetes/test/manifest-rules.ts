import { readFile } from "node:fs/promises";
import { loadYaml, type V1Role } from "@kubernetes/client-node";
import type { PolicyRule } from "@mayfly/test-services/kubernetes";

/** What the role of the manifests allows. */
export async function manifestRules(): Promise<readonly PolicyRule[]> {
  const text = await readFile(new URL("../manifests/role.yaml", import.meta.url), "utf8");
  const { rules = [] } = loadYaml<V1Role>(text);
  return rules.map(({ apiGroups = [], resources = [], verbs, resourceNames }) => ({
    apiGroups,
    resources,
    verbs,
    resourceNames,
  }));
}
