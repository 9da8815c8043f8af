import { isUtf8 } from "node:buffer";
import type { Announcement } from "@mayfly/task";
import type { Message, Options } from "amqplib";

/** The version of the message format; a reader takes every version with the same major number. */
const formatVersion = "1";
const messageType = "mayfly.task";

/** The properties that a message carries beside its body, the Task JSON. */
export function propertiesOf(announcement: Announcement): Options.Publish {
  return {
    persistent: true,
    mandatory: true,
    messageId: announcement.id,
    correlationId: announcement.token,
    type: messageType,
    contentType: "application/json",
    headers: {
      "mayfly-version": formatVersion,
      "mayfly-scheduled-at": announcement.scheduledAt,
      "mayfly-attempt": announcement.attempt,
      ...(announcement.traceparent !== undefined && { traceparent: announcement.traceparent }),
    },
  };
}

/** What somebody has put into a message. */
interface UncheckedProperties {
  readonly messageId?: unknown;
  readonly correlationId?: unknown;
  readonly type?: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
}

/** The announcement in a message from the queue `name`, or undefined when it is none for that queue that can be read. */
export function decode(message: Message, name: string): Announcement | undefined {
  return message.fields.routingKey === name ? readAnnouncement(message, name) : undefined;
}

/** The announcement in a message that was sent to `scheduler`, or undefined when this version cannot read it. */
export function readAnnouncement(message: Message, scheduler: string): Announcement | undefined {
  const properties: UncheckedProperties = message.properties;
  const { messageId, correlationId, type, headers = {} } = properties;
  const { traceparent } = headers;
  const version = headers["mayfly-version"];
  const scheduledAt = headers["mayfly-scheduled-at"];
  const attempt = headers["mayfly-attempt"];
  if (type !== messageType) return undefined;
  if (typeof version !== "string" || version.split(".")[0] !== formatVersion) return undefined;
  if (typeof messageId !== "string" || typeof correlationId !== "string") return undefined;
  if (!isCount(scheduledAt) || !isCount(attempt) || !isUtf8(message.content)) return undefined;
  return {
    id: messageId,
    scheduler,
    body: message.content.toString("utf8"),
    token: correlationId,
    scheduledAt,
    attempt,
    ...(typeof traceparent === "string" && { traceparent }),
  };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
