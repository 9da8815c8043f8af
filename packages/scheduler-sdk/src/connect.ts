import { AmqpQueue } from "@mayfly/queue-amqp";
import { RedisStore } from "@mayfly/store-redis";
import { checkOptions } from "./check-options.ts";
import { ConnectedScheduler } from "./connected-scheduler.ts";
import type { Scheduler } from "./scheduler.ts";
import type { SchedulerOptions } from "./scheduler-options.ts";

/** How {@link connectScheduler} connects. */
export interface ConnectOptions extends Omit<SchedulerOptions, "store" | "queue"> {
  /** One URL, or several nodes of one cluster, comma-separated. @defaultValue `redis://127.0.0.1:6379` */
  readonly redisUrl?: string | undefined;
  /** One URL, or several nodes of one cluster, comma-separated. @defaultValue `amqp://127.0.0.1:5672` */
  readonly amqpUrl?: string | undefined;
  /** What the names of Redis keys and of exchanges begin with. @defaultValue `mayfly` */
  readonly prefix?: string | undefined;
  /** In how many parts tasks are kept, when this is the first to use the store. @defaultValue 1, or 16 on a cluster */
  readonly shards?: number | undefined;
  /** Refuses a Redis whose settings could lose tasks. @defaultValue false: warns */
  readonly production?: boolean | undefined;
  /** Gives up connecting when it fires. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connects a scheduler to RabbitMQ and Redis; it is not started yet. Waits until both have been reached. `stop` closes
 * the connections too, so that it cannot be started again.
 *
 * @throws SchedulerError `invalid_options`, before it connects; StoreError, QueueError `closed` when `signal` fires first, another code when one of them refuses for good
 */
export async function connectScheduler(options: ConnectOptions): Promise<Scheduler> {
  checkOptions(options);
  const { redisUrl, amqpUrl, prefix = "mayfly", production, shards, signal, ...own } = options;
  const shared = { prefix, clock: options.clock, logger: options.logger };
  const store = new RedisStore({ url: redisUrl ?? "redis://127.0.0.1:6379", production, shards, ...shared });
  const queue = new AmqpQueue({ url: amqpUrl ?? "amqp://127.0.0.1:5672", ...shared });
  const giveUp = (): void => void close();
  signal?.addEventListener("abort", giveUp);
  if (signal?.aborted) giveUp();
  try {
    await Promise.all([store.open(), queue.open()]);
  } catch (error) {
    await close();
    throw error;
  } finally {
    signal?.removeEventListener("abort", giveUp);
  }
  return new ConnectedScheduler({ ...own, store, queue });

  async function close(): Promise<void> {
    await Promise.all([store.close(), queue.close()]);
  }
}
