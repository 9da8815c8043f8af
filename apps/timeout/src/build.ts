import { type App, HealthServer } from "@mayfly/app-kit";
import { AmqpQueue } from "@mayfly/queue-amqp";
import { type Logger, systemClock } from "@mayfly/service";
import { RedisStore } from "@mayfly/store-redis";
import { Sweeper } from "@mayfly/sweeper";
import type { Config } from "./config.ts";

/** A store that takes longer to be reached was away. */
const outageMs = 2_000;

/** The timeout daemon over RabbitMQ and Redis. Tasks time out without RabbitMQ too, so it waits only for Redis. */
export function build(config: Config, logger: Logger): App {
  const prefix = config.MAYFLY_PREFIX;
  const store = new RedisStore({
    url: config.MAYFLY_REDIS_URL,
    prefix,
    shards: config.MAYFLY_SHARDS,
    production: config.MAYFLY_PRODUCTION,
    logger,
  });
  const queue = new AmqpQueue({ url: config.MAYFLY_AMQP_URL, prefix, logger });
  let sweeper: Sweeper | undefined;
  let isSweeping = false;
  const health = new HealthServer({
    host: config.MAYFLY_HEALTH_HOST,
    port: config.MAYFLY_HEALTH_PORT,
    isReady: () => isSweeping,
  });
  return {
    async start() {
      await health.start();
      const connected = queue.open();
      const askedAtMs = systemClock.monotonicMs();
      await Promise.race([store.open(), refused(connected)]);
      sweeper = new Sweeper({
        store,
        queue,
        logger,
        sweepMs: config.MAYFLY_SWEEP_MS,
        recoverAfterMs: config.MAYFLY_LEASE_MS,
        reannounceAfterMs: config.MAYFLY_REANNOUNCE_MS,
        startsAfterOutage: systemClock.monotonicMs() - askedAtMs > outageMs,
      });
      await sweeper.start();
      isSweeping = true;
      await connected;
    },
    async stop() {
      isSweeping = false;
      await sweeper?.stop();
      await queue.close();
      await store.close();
      await health.stop();
    },
  };
}

/** Rejects when `opening` does, and never resolves. */
function refused(opening: Promise<void>): Promise<never> {
  return new Promise((_resolve, reject) => {
    opening.catch(reject);
  });
}
