import { type App, HealthServer } from "@mayfly/app-kit";
import { connectScheduler, type Scheduler } from "@mayfly/scheduler-sdk";
import { type Logger, systemClock } from "@mayfly/service";
import type { Config } from "./config.ts";
import type { OpenedRuntime } from "./opened-runtime.ts";
import { prepareRuntime } from "./prepare-runtime.ts";
import { RuntimeHealth } from "./runtime-health.ts";

/**
 * A scheduler with the runtime that the configuration names.
 *
 * @throws ConfigError when the runtime's handlers or its spec cannot be used
 */
export async function build(config: Config, logger: Logger): Promise<App> {
  const openRuntime = await prepareRuntime(config, logger);
  const backoffMs = config.MAYFLY_RETRY_BACKOFF_MS;
  const stopping = new AbortController();
  let opened: OpenedRuntime | undefined;
  let runtimeHealth: RuntimeHealth | undefined;
  let scheduler: Scheduler | undefined;
  const health = new HealthServer({
    host: config.MAYFLY_HEALTH_HOST,
    port: config.MAYFLY_HEALTH_PORT,
    isReady: async () => scheduler?.isSubscribed === true && (await runtimeHealth?.isHealthy()) === true,
  });
  return {
    async start() {
      await health.start();
      opened = await openRuntime(stopping.signal);
      runtimeHealth = new RuntimeHealth(opened.runtime, { clock: systemClock, logger });
      scheduler = await connectScheduler({
        name: config.MAYFLY_SCHEDULER,
        runtime: opened.runtime,
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
      opened?.close();
      await health.stop();
    },
  };
}
