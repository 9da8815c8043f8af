import { expect, it } from "vitest";
import { type LogLine, LogLines } from "../src/log-lines.ts";

const at = "2026-01-02T03:04:05.000000001Z";

function linesOf(log: string, pieceBytes: number): readonly LogLine[] {
  const bytes = Buffer.from(log);
  const lines = new LogLines();
  const told: LogLine[] = [];
  for (let start = 0; start < bytes.length; start += pieceBytes)
    told.push(...lines.push(bytes.subarray(start, start + pieceBytes)));
  told.push(...lines.end());
  return told;
}

it.each([1, 7, 64, 1_000_000])("[KUBE-8] makes the same lines of pieces of %i bytes", (pieceBytes) => {
  expect(linesOf(`${at} äöü\r\n${at} \n${at} one line\n${at} end`, pieceBytes)).toEqual(
    ["äöü", "", "one line", "end"].map((text) => ({ at, text })),
  );
});

it.each([100, 4_096, 1_000_000])("[KUBE-8] cuts a line at 8 KiB and says so, in pieces of %i bytes", (pieceBytes) => {
  const [long, next] = linesOf(`${at} ${"x".repeat(100_000)}\n${at} next\n`, pieceBytes);
  expect(long).toEqual({ at, text: `${"x".repeat(8_192)} [cut]` });
  expect(next).toEqual({ at, text: "next" });
  expect(linesOf(`${at} ${"x".repeat(8_192)}\n`, pieceBytes)).toEqual([{ at, text: "x".repeat(8_192) }]);
});

it("[KUBE-8] takes what a node says in between for a line without a time", () => {
  expect(linesOf(`unable to retrieve container logs\n${at} next\n`, 64)).toEqual([
    { at: "", text: "unable to retrieve container logs" },
    { at, text: "next" },
  ]);
});
