import { type App, withoutCredentials } from "@mayfly/app-kit";
import { Dispatcher } from "@mayfly/dispatcher";
import { createHttpService } from "@mayfly/http-server";
import { AmqpQueue } from "@mayfly/queue-amqp";
import type { Logger } from "@mayfly/service";
import { RedisStore } from "@mayfly/store-redis";
import type { Config } from "./config.ts";

/** How long `/readyz` says that the API drains before it accepts no more: a load balancer notices within that. */
const drainNoticeMs = 2_000;

/** The API over RabbitMQ and Redis. It answers at once; `/readyz` says when both have been reached. */
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
  const dispatcher = new Dispatcher({
    store,
    queue,
    logger,
    retentionMs: config.MAYFLY_RETENTION_MS,
    maxTimeoutMs: config.MAYFLY_MAX_TIMEOUT_MS,
  });
  let isBrokerReached = false;
  const http = createHttpService({
    dispatcher,
    checks: {
      store: () =>
        store.ping().then(
          () => true,
          () => false,
        ),
      broker: () => queue.canPublish,
      brokerReached: () => isBrokerReached,
    },
    lingerMs: drainNoticeMs,
    host: config.MAYFLY_HOST,
    port: config.MAYFLY_PORT,
    logger,
  });
  return {
    async start() {
      await http.start();
      logger.info(
        {
          redis: withoutCredentials(config.MAYFLY_REDIS_URL),
          amqp: withoutCredentials(config.MAYFLY_AMQP_URL),
        },
        "connecting",
      );
      const reached = queue.open().then(() => {
        isBrokerReached = true;
      });
      await Promise.all([store.open(), reached]);
    },
    async stop() {
      await http.stop();
      await queue.close();
      await store.close();
    },
  };
}
