import type { Clock } from "@mayfly/service";
import type { Channel, ChannelModel } from "amqplib";
import { closeQuietly } from "./close-quietly.ts";
import { within } from "./within.ts";

/** During a memory alarm the broker does not read what a publishing connection asks. */
const answerTimeoutMs = 5_000;

/**
 * Takes a step on a channel of its own, because one that is refused closes its channel. Rejects after 5 s without an
 * answer; the step may then still be taken.
 */
export function onThrowawayChannel<T>(
  clock: Clock,
  model: ChannelModel,
  step: (channel: Channel) => Promise<T>,
): Promise<T> {
  return within(clock, answerTimeoutMs, onChannel(model, step));
}

async function onChannel<T>(model: ChannelModel, step: (channel: Channel) => Promise<T>): Promise<T> {
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
