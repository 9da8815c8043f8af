import { maxLogBytes } from "@mayfly/store";
import { beforeEach, describe, expect, it } from "vitest";
import { LogBuffer } from "../src/log-buffer.ts";

describe("LogBuffer", () => {
  let buffer: LogBuffer;

  beforeEach(() => {
    buffer = new LogBuffer();
  });

  it("[SDK-64] gives lines back in their order, and what was added after some were stored", () => {
    buffer.add("one");
    buffer.add("zwei: grüß dich, 😀\nzweieinhalb");
    const { size, text } = buffer.head(1_000);
    expect(text).toBe("one\nzwei: grüß dich, 😀\nzweieinhalb\n");
    expect(size).toBe(Buffer.byteLength(text));
    buffer.add("three");
    buffer.discard(size);
    expect(buffer.head(1_000)).toEqual({ text: "three\n", size: 6 });
    buffer.discard(6);
    expect([buffer.size, buffer.head(1_000)]).toEqual([0, { text: "", size: 0 }]);
    for (let line = 0; line < 1_000; line++) buffer.add(String(line));
    expect(buffer.head(10_000).text).toBe(Array.from({ length: 1_000 }, (_, line) => `${line}\n`).join(""));
  });

  it("[SDK-64] gives whole lines, as many as fit", () => {
    for (const line of ["ä", "öö", "üüü"]) buffer.add(line);
    expect(buffer.head(7)).toEqual({ text: "ä\n", size: 3 });
    expect(buffer.head(8)).toEqual({ text: "ä\nöö\n", size: 8 });
    buffer.discard(8);
    expect(buffer.head(8)).toEqual({ text: "üüü\n", size: 7 });
  });

  it("[SDK-66] keeps as much as a log takes and one line more, whatever comes", () => {
    const line = "x".repeat(8_000);
    for (let count = 0; count < 10_000; count++) buffer.add(line);
    expect(buffer.size).toBeGreaterThan(maxLogBytes);
    expect(buffer.size).toBeLessThanOrEqual(maxLogBytes + 8_001);
    buffer.clear();
    for (let count = 0; count < 3_000_000; count++) buffer.add("");
    expect(buffer.size).toBe(maxLogBytes);
  });

  it("[LOG-7] knows until when its first lines were said, and never a later time", () => {
    buffer.add("heading");
    expect(buffer.head(100).saidAt).toBeUndefined();
    for (let line = 1; line <= 5_000; line++) buffer.add(`line ${line}`, line + 0.9);
    buffer.add("of no known time");
    expect(buffer.head(maxLogBytes).saidAt).toBe(5_000);
    while (buffer.size > 0) {
      const { text, size, saidAt = 0 } = buffer.head(5_000);
      const last = Number(/(\d+)\n(of no.*\n)?$/.exec(text)?.[1]);
      expect(saidAt).toBeLessThanOrEqual(last);
      expect(saidAt).toBeGreaterThan(last - 200);
      buffer.discard(size);
    }
    buffer.add("later");
    expect(buffer.head(100).saidAt).toBeUndefined();
    buffer.add("invalid", Number.NaN);
    buffer.add("invalid", -1);
    expect(buffer.head(100).saidAt).toBeUndefined();
  });

  it("[SDK-63] keeps its place after half of a character", () => {
    buffer.add("\ud83d");
    buffer.add("next");
    expect(buffer.head(100).text).toBe("\ufffd\nnext\n");
  });
});
