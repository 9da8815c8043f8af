import { type App, HealthServer } from "@mayfly/app-kit";
import { AmqpQueue } from "@mayfly/queue-amqp";
import type { Logger } from "@mayfly/service";
import { RedisStore } from "@mayfly/store-redis";
import { Sweeper } from "@mayfly/sweeper";
import type { Config } from "./config.ts";

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
  const sweeper = new Sweeper({
    store,
    queue,
    logger,
    sweepMs: config.MAYFLY_SWEEP_MS,
    recoverAfterMs: config.MAYFLY_LEASE_MS,
  });
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
      await Promise.race([store.open(), refused(connected)]);
      await sweeper.start();
      isSweeping = true;
      await connected;
    },
    async stop() {
      isSweeping = false;
      await sweeper.stop();
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
