import { expect, it } from "vitest";
import { matchPattern } from "../src/match-pattern.ts";

it("[PROC-20] tries again as long as the host has given no processor to a match", () => {
  let readings = 0;
  const starved = (): number => (++readings < 7 ? 1_000 : 1_150);
  expect(matchPattern("(a+)+b", "a".repeat(64), starved)).toBe("undecided");
  expect(readings).toBe(7);
});
