import type { Channel, ChannelModel } from "amqplib";

/**
 * Closes a channel or a connection. Resolves when it is closed, whoever closed it: `close` of amqplib never settles when
 * the connection dies meanwhile, but the event comes either way.
 */
export function closeQuietly(target: Channel | ChannelModel): Promise<void> {
  return new Promise((resolve) => {
    target.once("close", resolve);
    target.close().then(resolve, resolve);
  });
}
