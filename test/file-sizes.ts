import type { SourceFile } from "./source-files.ts";

/** How long source files may be, in lines. */
const sizeLimits = { median: 110, p90: 250, max: 400, main: 60 } as const;

/** Which limits the files exceed, a sentence each. */
export function sizeProblems(files: readonly SourceFile[]): readonly string[] {
  const sizes = files
    .map(({ path, text }) => ({ path, lines: text.replace(/\n$/, "").split("\n").length }))
    .sort((a, b) => a.lines - b.lines);
  const at = (share: number): number => sizes[Math.ceil(share * sizes.length) - 1]?.lines ?? 0;
  return [
    ...(at(0.5) > sizeLimits.median ? [`The median is ${at(0.5)} lines, more than ${sizeLimits.median}.`] : []),
    ...(at(0.9) > sizeLimits.p90 ? [`The 90th percentile is ${at(0.9)} lines, more than ${sizeLimits.p90}.`] : []),
    ...sizes
      .filter(({ path, lines }) => lines > limitOf(path))
      .map(({ path, lines }) => `${path} has ${lines} lines, more than ${limitOf(path)}.`),
  ];
}

function limitOf(path: string): number {
  return path.endsWith("/main.ts") ? sizeLimits.main : sizeLimits.max;
}
