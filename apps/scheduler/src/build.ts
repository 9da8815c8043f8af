import { type App, HealthServer, loadHandlers } from "@mayfly/app-kit";
import { connectScheduler, InlineRuntime, type Scheduler } from "@mayfly/scheduler-sdk";
import type { Logger } from "@mayfly/service";
import type { Config } from "./config.ts";

/**
 * A scheduler with an inline runtime.
 *
 * @throws ConfigError when the handlers cannot be loaded
 */
export async function build(config: Config, logger: Logger): Promise<App> {
  const runtime = new InlineRuntime(await loadHandlers(config.MAYFLY_HANDLERS), { logger });
  const backoffMs = config.MAYFLY_RETRY_BACKOFF_MS;
  const stopping = new AbortController();
  let scheduler: Scheduler | undefined;
  const health = new HealthServer({
    host: config.MAYFLY_HEALTH_HOST,
    port: config.MAYFLY_HEALTH_PORT,
    isReady: () => scheduler?.isSubscribed === true,
  });
  return {
    async start() {
      await health.start();
      scheduler = await connectScheduler({
        name: config.MAYFLY_SCHEDULER,
        runtime,
        redisUrl: config.MAYFLY_REDIS_URL,
        amqpUrl: config.MAYFLY_AMQP_URL,
        prefix: config.MAYFLY_PREFIX,
        shards: config.MAYFLY_SHARDS,
        production: config.MAYFLY_PRODUCTION,
        signal: stopping.signal,
        logger,
        concurrency: config.MAYFLY_CONCURRENCY,
        leaseMs: config.MAYFLY_LEASE_MS,
        holdMs: config.MAYFLY_HOLD_MS,
        maxAttempts: config.MAYFLY_MAX_ATTEMPTS,
        stopGraceMs: config.MAYFLY_STOP_GRACE_MS,
        retry: backoffMs === undefined ? undefined : { backoffMs },
      });
      await scheduler.start();
    },
    async stop(options) {
      stopping.abort();
      await scheduler?.stop(options);
      await health.stop();
    },
  };
}
