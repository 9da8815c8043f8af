import { describe, expect, it } from "vitest";
import { OutputLines } from "../src/output-lines.ts";

function linesOf(
  chunks: readonly (string | Buffer)[],
  limits: { maxBytes?: number; maxLineBytes?: number } = {},
): string[] {
  const told: string[] = [];
  const output = new OutputLines({ log: (line) => told.push(line), maxBytes: 1_000, maxLineBytes: 100, ...limits });
  const stream = output.stream();
  for (const chunk of chunks) stream.write(Buffer.from(chunk));
  stream.end();
  return told;
}

describe("OutputLines", () => {
  it("[PROC-10] tells lines, whatever the pieces that they come in", () => {
    const text = "one\n\ntwo ü\r\nthree";
    const bytes = [...Buffer.from(text)].map((byte) => Buffer.from([byte]));
    for (const chunks of [[text], bytes]) expect(linesOf(chunks)).toEqual(["one", "", "two ü", "three"]);
    expect(linesOf([])).toEqual([]);
  });

  it("[PROC-10] keeps the lines of two streams apart", () => {
    const told: string[] = [];
    const output = new OutputLines({ log: (line) => told.push(line), maxBytes: 100, maxLineBytes: 100 });
    const [out, err] = [output.stream(), output.stream()];
    out.write(Buffer.from("o"));
    err.write(Buffer.from("e\n"));
    out.write(Buffer.from("ut\n"));
    expect(told).toEqual(["e", "out"]);
  });

  it("[PROC-10] cuts a line that is too long, at a whole character", () => {
    expect(linesOf([`${"x".repeat(16)}\n`], { maxLineBytes: 16 })).toEqual(["x".repeat(16)]);
    expect(linesOf([`${"x".repeat(17)}\nnext\n`], { maxLineBytes: 16 })).toEqual([`${"x".repeat(16)} [cut]`, "next"]);
    expect(linesOf([`${"x".repeat(15)}ü${"y".repeat(50)}`], { maxLineBytes: 16 })).toEqual([`${"x".repeat(15)} [cut]`]);
    expect(linesOf([`${"x".repeat(14)}üy`], { maxLineBytes: 16 })).toEqual([`${"x".repeat(14)}ü [cut]`]);
    expect(linesOf([`${"x".repeat(13)}😀y`], { maxLineBytes: 16 })).toEqual([`${"x".repeat(13)} [cut]`]);
  });

  it("[PROC-10] says once that the log is cut, and nothing after that", () => {
    const told = linesOf(
      [...Array(100).keys()].map(() => "123456789\n"),
      { maxBytes: 25 },
    );
    expect(told).toEqual(["123456789", "123456789", "[log cut: the command has written more than 25 bytes]"]);
    expect(linesOf(["123456789\n123456789\n"], { maxBytes: 20 })).toEqual(["123456789", "123456789"]);
  });
});
