import { describe, expect, it } from "vitest";
import { LogBuffer } from "../src/log-buffer.ts";

describe("LogBuffer", () => {
  it("[SDK-64] gives lines back in their order, and what was added after some were stored", () => {
    const buffer = new LogBuffer({ limitBytes: 10_000 });
    buffer.add("one");
    buffer.add("zwei: grüß dich, 😀\nzweieinhalb");
    const { size, text } = buffer;
    expect(text).toBe("one\nzwei: grüß dich, 😀\nzweieinhalb\n");
    expect(size).toBe(Buffer.byteLength(text));
    buffer.add("three");
    buffer.discard(size);
    expect(buffer.text).toBe("three\n");
    buffer.discard(buffer.size);
    expect([buffer.size, buffer.text]).toEqual([0, ""]);
    for (let line = 0; line < 1_000; line++) buffer.add(String(line));
    expect(buffer.text).toBe(Array.from({ length: 1_000 }, (_, line) => `${line}\n`).join(""));
  });

  it("[SDK-64] takes what fits to the byte, and says in its place what did not", () => {
    const buffer = new LogBuffer({ limitBytes: 12 });
    buffer.add("fünf");
    buffer.add("sechs");
    expect(buffer.size).toBe(12);
    buffer.add("sieben");
    // A line that follows a dropped one is dropped, although it may fit.
    buffer.discard(6);
    expect(buffer.text).toBe("sechs\n--- 1 line (7 bytes) dropped here: not stored in time ---\n");
    buffer.discard(6);
    buffer.add("a");
    buffer.add("b");
    buffer.discard(buffer.size);
    expect(buffer.text).toBe("--- 2 lines (4 bytes) dropped here: not stored in time ---\n");
  });

  it("[SDK-64] drops what follows a dropped line until some are stored, although it would fit", () => {
    const buffer = new LogBuffer({ limitBytes: 12 });
    buffer.add("0123456789");
    buffer.add("long");
    buffer.add("");
    buffer.discard(11);
    expect(buffer.text).toBe("--- 2 lines (6 bytes) dropped here: not stored in time ---\n");
  });

  it("[SDK-63] keeps its place after half of a character", () => {
    const buffer = new LogBuffer({ limitBytes: 100 });
    buffer.add("\ud83d");
    buffer.add("next");
    expect(buffer.text).toBe("\ufffd\nnext\n");
  });
});
