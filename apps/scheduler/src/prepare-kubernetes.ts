import { hostname } from "node:os";
import { pid } from "node:process";
import { unusable } from "@mayfly/app-kit";
import { KubernetesRuntime, type KubernetesRuntimeOptions, kubernetesSpecSchema } from "@mayfly/runtime-kubernetes";
import { errorMessage, type Logger, systemClock } from "@mayfly/service";
import type { Config } from "./config.ts";
import type { OpenRuntime } from "./opened-runtime.ts";
import { readRuntimeSpec } from "./read-runtime-spec.ts";
import { untilReached } from "./until-reached.ts";

/** Jobs in one namespace of a cluster. @throws ConfigError when the spec or the kubeconfig cannot be used */
export async function prepareKubernetes(config: Config, logger: Logger): Promise<OpenRuntime> {
  const deployment = config.MAYFLY_PREFIX;
  const spec = await readRuntimeSpec(config.MAYFLY_RUNTIME_SPEC ?? "", kubernetesSpecSchema, { deployment });
  const file = config.MAYFLY_KUBECONFIG;
  const options: KubernetesRuntimeOptions = {
    kubeConfig: file === undefined ? undefined : { file },
    namespace: config.MAYFLY_KUBERNETES_NAMESPACE,
    instance: `${config.MAYFLY_SCHEDULER}@${hostname()}:${pid}`,
    logger,
    startTimeoutMs: config.MAYFLY_START_TIMEOUT_MS,
    deadlineGraceMs: config.MAYFLY_STOP_GRACE_MS,
    keptMs: Math.max(3_600_000, 2 * config.MAYFLY_LEASE_MS),
  };
  try {
    // Talks to nobody, but finds what no waiting would mend.
    new KubernetesRuntime("unknown", spec, options).close();
  } catch (error) {
    throw unusable([`MAYFLY_KUBECONFIG: ${errorMessage(error)}`], { cause: error });
  }
  return async (signal) => {
    const connect = (): Promise<KubernetesRuntime> => KubernetesRuntime.connect(spec, options);
    const runtime = await untilReached(connect, { clock: systemClock, logger, signal });
    return { runtime, close: () => runtime.close() };
  };
}
