import type { Channel } from "amqplib";

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
