/** A message of a container's log: a line with its end, or a part of a long one. */
export interface LogMessage {
  readonly stream: "stdout" | "stderr";
  /** RFC 3339 in UTC with nine digits after the second: later ones are greater as strings. */
  readonly at: string;
  readonly text: Buffer;
}

const headerBytes = 8;
const space = 0x20;
/** The engine's messages have at most 16 KiB and a timestamp; more says that this is no log. */
const maxFrameBytes = 1_048_576;

/**
 * Takes apart the engine's log stream: frames of a stream number, three zero bytes, a length (32 bits, big endian) and a
 * message that begins with its time (Docker Engine API, "Stream format").
 */
export class LogFrames {
  #rest: Buffer = Buffer.alloc(0);

  /** Takes the next piece of the stream and gives the messages that it completes. Throws when it is no log stream. */
  *push(piece: Buffer): Generator<LogMessage> {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    let start = 0;
    while (bytes.length - start >= headerBytes) {
      const length = bytes.readUInt32BE(start + 4);
      if (length > maxFrameBytes) throw new Error("The engine's answer is not a log stream.");
      const end = start + headerBytes + length;
      if (end > bytes.length) break;
      yield message(bytes[start] ?? 0, bytes.subarray(start + headerBytes, end));
      start = end;
    }
    this.#rest = Buffer.from(bytes.subarray(start));
  }
}

function message(stream: number, bytes: Buffer): LogMessage {
  const split = bytes.indexOf(space);
  return {
    stream: stream === 2 ? "stderr" : "stdout",
    at: bytes.subarray(0, split).toString("latin1"),
    text: bytes.subarray(split + 1),
  };
}
