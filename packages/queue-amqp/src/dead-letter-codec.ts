import type { DeadLetter } from "@mayfly/queue";
import type { Message } from "amqplib";
import { readAnnouncement } from "./message-codec.ts";

/** What the broker, or somebody else, has put into a dead letter. */
interface UncheckedProperties {
  readonly messageId?: unknown;
  readonly correlationId?: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
}

interface Death {
  readonly queue?: unknown;
  readonly reason?: unknown;
  readonly "routing-keys"?: unknown;
}

/**
 * What is known of a message that reached the dead letters, by the broker's headers `x-first-death-*` and `x-death`.
 * Never fails: what cannot be read is left out.
 */
export function deadLetterOf(letter: Message): DeadLetter {
  const properties: UncheckedProperties = letter.properties;
  const { messageId, correlationId, headers = {} } = properties;
  const deaths: readonly unknown[] = Array.isArray(headers["x-death"]) ? headers["x-death"] : [];
  // The oldest stands last.
  const death = deaths.filter(isObject).at(-1) ?? {};
  const queue = textOf(headers["x-first-death-queue"]) ?? textOf(death.queue);
  const routingKeys: unknown = death["routing-keys"];
  // What it was published with: a queue that is bound wrongly gets the messages of another scheduler.
  const scheduler = textOf(Array.isArray(routingKeys) ? routingKeys[0] : undefined) ?? letter.fields.routingKey;
  return {
    queue,
    reason: textOf(headers["x-first-death-reason"]) ?? textOf(death.reason) ?? "unknown",
    id: textOf(messageId),
    token: textOf(correlationId),
    message: readAnnouncement(letter, scheduler),
  };
}

function isObject(value: unknown): value is Death {
  return typeof value === "object" && value !== null;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
