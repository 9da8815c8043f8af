import type { Logger } from "@mayfly/service";
import type { Config } from "./config.ts";
import type { OpenRuntime } from "./opened-runtime.ts";

/**
 * Checks the settings of the runtime that `MAYFLY_RUNTIME` names. Only that one's code is loaded.
 *
 * @throws ConfigError when its handlers or its spec cannot be used
 */
export async function prepareRuntime(config: Config, logger: Logger): Promise<OpenRuntime> {
  switch (config.MAYFLY_RUNTIME) {
    case "inline":
      return (await import("./prepare-inline.ts")).prepareInline(config, logger);
    case "process":
      return (await import("./prepare-process.ts")).prepareProcess(config, logger);
    case "docker":
      return (await import("./prepare-docker.ts")).prepareDocker(config, logger);
    case "kubernetes":
      return (await import("./prepare-kubernetes.ts")).prepareKubernetes(config, logger);
  }
}
