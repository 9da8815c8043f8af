import { type App, loadHandlers } from "@mayfly/app-kit";
import { InlineRuntime } from "@mayfly/runtime";
import type { Logger } from "@mayfly/service";
import { createStandalone } from "@mayfly/standalone";
import type { Config } from "./config.ts";
import { welcome } from "./welcome.ts";

/**
 * API, scheduler and sweeper in this process.
 *
 * @throws ConfigError when the handlers cannot be loaded
 */
export async function build(config: Config, logger: Logger): Promise<App> {
  const runtime = new InlineRuntime(await loadHandlers(config.MAYFLY_HANDLERS), { logger });
  const backoffMs = config.MAYFLY_RETRY_BACKOFF_MS;
  const standalone = createStandalone({
    runtime,
    name: config.MAYFLY_SCHEDULER,
    host: config.MAYFLY_HOST,
    port: config.MAYFLY_PORT,
    retentionMs: config.MAYFLY_RETENTION_MS,
    maxTimeoutMs: config.MAYFLY_MAX_TIMEOUT_MS,
    sweepMs: config.MAYFLY_SWEEP_MS,
    concurrency: config.MAYFLY_CONCURRENCY,
    leaseMs: config.MAYFLY_LEASE_MS,
    holdMs: config.MAYFLY_HOLD_MS,
    maxAttempts: config.MAYFLY_MAX_ATTEMPTS,
    stopGraceMs: config.MAYFLY_STOP_GRACE_MS,
    retry: backoffMs === undefined ? undefined : { backoffMs },
    logger,
  });
  return {
    async start() {
      await standalone.start();
      if (standalone.url !== undefined) process.stderr.write(welcome(standalone.url, config.MAYFLY_SCHEDULER));
    },
    stop: (options) => standalone.stop(options),
  };
}
