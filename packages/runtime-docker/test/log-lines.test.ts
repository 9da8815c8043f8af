import { expect, it } from "vitest";
import { LogFrames } from "../src/log-frames.ts";
import { LogLines } from "../src/log-lines.ts";

const at = "2026-01-02T03:04:05.000000001Z";

function frame(stream: number, text: string): Buffer {
  const message = Buffer.from(`${at} ${text}`);
  const header = Buffer.alloc(8);
  header.writeUInt8(stream);
  header.writeUInt32BE(message.length, 4);
  return Buffer.concat([header, message]);
}

function linesOf(bytes: Buffer, pieceBytes: number, maxBytes = 1_000_000): readonly string[] {
  const told: string[] = [];
  const lines = new LogLines((line) => told.push(line), maxBytes);
  const frames = new LogFrames();
  for (let start = 0; start < bytes.length; start += pieceBytes)
    for (const message of frames.push(bytes.subarray(start, start + pieceBytes))) lines.add(message);
  lines.end();
  return told;
}

it.each([1, 7, 64, 1_000_000])("[DOCKER-7] makes the same lines of pieces of %i bytes", (pieceBytes) => {
  const bytes = Buffer.concat([
    frame(1, "äöü\r\n"),
    frame(1, "one "),
    frame(2, "error\n"),
    frame(1, "line\n"),
    frame(1, "end"),
  ]);
  expect(linesOf(bytes, pieceBytes)).toEqual(["äöü", "error", "one line", "end"]);
});

it("[DOCKER-7] cuts a line at 8 KiB and a log at its limit, and says so", () => {
  const long = Array.from({ length: 10 }, () => frame(1, "x".repeat(1_000)));
  expect(linesOf(Buffer.concat([...long, frame(1, "\n")]), 4_096)).toEqual([`${"x".repeat(8_192)} [cut]`]);
  const many = Buffer.concat(Array.from({ length: 100 }, () => frame(1, "123456789\n")));
  const lines = linesOf(many, 4_096, 50);
  const cut = "[log cut: the container has written more than 50 bytes]";
  expect(lines).toEqual([...Array.from({ length: 5 }, () => "123456789"), cut]);
});

it("[DOCKER-7] takes what is no log stream for an error instead of waiting for gigabytes of it", () => {
  expect(() => linesOf(Buffer.from("HTTP/1.1 200 OK"), 100)).toThrow("not a log stream");
});
