import type { Channel, ChannelModel } from "amqplib";
import { closeQuietly } from "./close-quietly.ts";

/** A refused step closes its channel: each gets one of its own, so that nothing else is hurt. */
export async function onThrowawayChannel<T>(model: ChannelModel, step: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = await model.createChannel();
  // The step rejects with the same error.
  channel.on("error", () => undefined);
  try {
    return await step(channel);
  } finally {
    await closeQuietly(channel);
  }
}

/** The code with which the broker closed a channel, if that is what happened. */
export function replyCodeOf(error: unknown): number | undefined {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "number"
    ? error.code
    : undefined;
}
