import { hostname } from "node:os";
import { pid } from "node:process";
import { DockerRuntime, dockerSpecSchema } from "@mayfly/runtime-docker";
import { type Logger, systemClock } from "@mayfly/service";
import type { Config } from "./config.ts";
import { readDockerAddress } from "./docker-address.ts";
import type { OpenRuntime } from "./opened-runtime.ts";
import { readRuntimeSpec } from "./read-runtime-spec.ts";
import { untilReached } from "./until-reached.ts";

/** Containers of one engine. @throws ConfigError when the spec or the certificates cannot be used */
export async function prepareDocker(config: Config, logger: Logger): Promise<OpenRuntime> {
  const deployment = config.MAYFLY_PREFIX;
  const spec = await readRuntimeSpec(config.MAYFLY_RUNTIME_SPEC ?? "", dockerSpecSchema, { deployment });
  const options = {
    address: await readDockerAddress(config),
    instance: `${config.MAYFLY_SCHEDULER}@${hostname()}:${pid}`,
    logger,
    startTimeoutMs: config.MAYFLY_START_TIMEOUT_MS,
    overdueGraceMs: config.MAYFLY_STOP_GRACE_MS,
  };
  return async (signal) => {
    const connect = (): Promise<DockerRuntime> => DockerRuntime.connect(spec, options);
    const runtime = await untilReached(connect, { clock: systemClock, logger, signal });
    return { runtime, close: () => runtime.close() };
  };
}
