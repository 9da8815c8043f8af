import type { SimulationResult } from "./simulate.ts";

/** So much is shown of a seed that failed. */
const shownViolations = 10;
const shownLines = 80;

/** What is wrong with a seed, the trace of the first task that it is wrong with, and how to see it again. */
export function failureLines(
  result: Pick<SimulationResult, "seed" | "isWiped" | "violations" | "explain">,
): readonly string[] {
  const { seed, isWiped, violations } = result;
  const [first] = violations;
  if (first === undefined) return [];
  const lines = result.explain(first);
  const left = lines.length - shownLines;
  return [
    `Seed ${seed}${isWiped ? " (with a wipe of the store)" : ""}:`,
    ...violations.slice(0, shownViolations).map(({ text, id }) => `  violation: ${id ?? "everything"} ${text}`),
    ...(left > 0 ? [`  … ${left} lines before`] : []),
    ...lines.slice(-shownLines).map((line) => `  ${line}`),
    `Again, with all of it: npm run simulate -- --seed ${seed} --verbose`,
  ];
}
