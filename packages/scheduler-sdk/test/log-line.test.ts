import { describe, expect, it } from "vitest";
import { logLine } from "../src/log-line.ts";

describe("logLine", () => {
  it("[SDK-63] keeps what fits", () => {
    for (const line of ["", "short", "two\nlines", "x".repeat(8_192), "€".repeat(2_730)])
      expect(logLine(line) === line).toBe(true);
  });

  it("[SDK-63] cuts a line at 8 KiB, between two characters, and says so", () => {
    expect(logLine("x".repeat(10_000)) === `${"x".repeat(8_192)} [cut]`).toBe(true);
    // 8,192 is no multiple of three, nor of four after one byte more.
    expect(logLine("€".repeat(5_000)) === `${"€".repeat(2_730)} [cut]`).toBe(true);
    expect(logLine(`x${"😀".repeat(5_000)}`) === `x${"😀".repeat(2_047)} [cut]`).toBe(true);
  });

  it("[SDK-63] marks a line once that a runtime has cut at the same length", () => {
    const marked = `${"€".repeat(2_730)} [cut]`;
    expect(logLine(marked) === marked).toBe(true);
    expect(logLine(logLine("x".repeat(20_000))) === logLine("x".repeat(20_000))).toBe(true);
  });

  it("[SDK-63] makes text of whatever it is given", () => {
    const broken = {
      toString: () => {
        throw new Error("broken");
      },
    };
    const given = [7, undefined, null, Symbol("s"), ["a", "b"], broken, Object.create(null)];
    expect(given.map(logLine)).toEqual([
      "7",
      "undefined",
      "null",
      "Symbol(s)",
      "a,b",
      "[a value that cannot be said as text]",
      "[a value that cannot be said as text]",
    ]);
  });
});
