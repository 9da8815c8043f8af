import type { Spread } from "./spread.ts";

/** Something that was measured. */
export interface Figure {
  readonly name: string;
  readonly value: number | string;
  readonly unit?: string | undefined;
  /** What it may be at most (a number), or must be (a text), if anything is promised of it. */
  readonly promised?: number | string | undefined;
}

/** Whether a figure breaks what is promised of it. A figure that could not be measured breaks every promise. */
export function isBroken({ value, promised }: Figure): boolean {
  if (promised === undefined) return false;
  if (typeof promised === "string") return String(value) !== promised;
  return !(typeof value === "number" && value <= promised);
}

/** The figures of a spread; the promise is about its 99th percentile. */
export function figuresOf(name: string, spread: Spread, unit: string, promisedP99?: number): readonly Figure[] {
  const { count, p50, p99, max } = spread;
  return [
    { name: `${name}, p50 of ${count}`, value: p50, unit },
    { name: `${name}, p99`, value: p99, unit, promised: promisedP99 },
    { name: `${name}, max`, value: max, unit },
  ];
}

/** The figures as a table in Markdown. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    `${shown(figure.value)}${unitOf(figure)}`,
    figure.promised === undefined ? "" : promiseOf(figure),
    figure.promised === undefined ? "" : isBroken(figure) ? "BROKEN" : "kept",
  ]);
  const all = [["figure", "measured", "promised", ""], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(3, ...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = all;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

function promiseOf(figure: Figure): string {
  const limit = `${shown(figure.promised ?? "")}${unitOf(figure)}`;
  return typeof figure.promised === "number" ? `≤ ${limit}` : limit;
}

function unitOf({ unit }: Figure): string {
  return unit === undefined ? "" : ` ${unit}`;
}

function shown(value: number | string): string {
  return typeof value === "number" ? String(Math.round(value * 100) / 100) : value;
}
