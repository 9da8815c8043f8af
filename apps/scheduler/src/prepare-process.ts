import { ProcessRuntime, processSpecSchema } from "@mayfly/runtime-process";
import type { Logger } from "@mayfly/service";
import type { Config } from "./config.ts";
import type { OpenRuntime } from "./opened-runtime.ts";
import { readRuntimeSpec } from "./read-runtime-spec.ts";

/** Commands on this host. @throws ConfigError when the spec cannot be used */
export async function prepareProcess(config: Config, logger: Logger): Promise<OpenRuntime> {
  const spec = await readRuntimeSpec(config.MAYFLY_RUNTIME_SPEC ?? "", processSpecSchema);
  return async () => ({
    runtime: new ProcessRuntime(spec, { logger, deadlineGraceMs: config.MAYFLY_STOP_GRACE_MS }),
    close: () => undefined,
  });
}
