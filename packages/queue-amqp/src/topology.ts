import type { Clock, Logger } from "@mayfly/service";
import type { Channel, ChannelModel } from "amqplib";
import { onThrowawayChannel, replyCodeOf } from "./throwaway-channel.ts";

/** The names of the exchanges and of the dead-letter queue of one deployment. */
export interface Topology {
  /** Direct; the routing key is the queue's name. Publishers need write on this one exchange only. */
  readonly tasks: string;
  /** Fanout exchange of the dead letters, and the queue bound to it. */
  readonly dead: string;
}

/** The names for a prefix. */
export function topologyOf(prefix: string): Topology {
  return { tasks: `${prefix}.tasks`, dead: `${prefix}.dead` };
}

/** Declares what all queues share. */
export async function declareShared(channel: Channel, topology: Topology): Promise<void> {
  await channel.assertExchange(topology.tasks, "direct", { durable: true });
  await channel.assertExchange(topology.dead, "fanout", { durable: true });
  await channel.assertQueue(topology.dead, { durable: true, arguments: { "x-queue-type": "quorum" } });
  await channel.bindQueue(topology.dead, topology.dead, "");
}

const accessRefused = 403;

/** Declares what all queues share, unless this user may not: then another process has to. */
export async function declareSharedIfAllowed(
  clock: Clock,
  logger: Logger,
  model: ChannelModel,
  topology: Topology,
): Promise<void> {
  try {
    await onThrowawayChannel(clock, model, (channel) => declareShared(channel, topology));
  } catch (error) {
    if (replyCodeOf(error) !== accessRefused) throw error;
    logger.info({}, "this user may not declare the exchanges: another process has to");
  }
}

/**
 * Declares a scheduler's queue. The arguments are the same everywhere and for ever, for other ones on an existing queue
 * close the channel with 406; whatever may be tuned is a broker policy.
 */
export async function declareQueue(channel: Channel, topology: Topology, name: string): Promise<void> {
  await channel.assertQueue(name, {
    durable: true,
    arguments: {
      "x-queue-type": "quorum",
      "x-dead-letter-exchange": topology.dead,
      "x-dead-letter-routing-key": name,
      "x-dead-letter-strategy": "at-least-once",
      "x-overflow": "reject-publish",
    },
  });
  await channel.bindQueue(name, topology.tasks, name);
}
