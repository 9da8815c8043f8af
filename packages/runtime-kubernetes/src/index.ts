/**
 * Runs Mayfly's tasks as Kubernetes Jobs: {@link KubernetesRuntime}.
 *
 * ```ts
 * const runtime = await KubernetesRuntime.connect({
 *   images: { tools: { image: "registry:5000/tools:1.2", commands: { convert: ["convert", "--all"] } } },
 * });
 * ```
 *
 * @packageDocumentation
 */
export { KubernetesRuntime, type KubernetesRuntimeOptions } from "./kubernetes-runtime.ts";
export {
  type KubernetesImageSpec,
  type KubernetesSpec,
  type KubernetesSpecInput,
  kubernetesSpecSchema,
} from "./kubernetes-spec.ts";
export type { ClusterAccess } from "./cluster-access.ts";
export type { KubernetesHandle } from "./kubernetes-handle.ts";
