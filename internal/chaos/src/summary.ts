import { ruleNames, rules, type Violation } from "./check/violation.ts";
import { taskHistories } from "./check/task-history.ts";
import type { History } from "./history.ts";
import { type Figure, figures, type Sample } from "./recovery-times.ts";

/** What a run has come to, as lines of text. */
export function summarize(
  history: History,
  violations: readonly Violation[],
  samples: readonly Sample[],
): readonly string[] {
  return [
    "",
    ...taskTable(history),
    "",
    ...faultTable(history),
    "",
    ...recoveryTable(samples),
    "",
    ...violationTable(violations),
  ];
}

function taskTable(history: History): readonly string[] {
  const tasks = taskHistories(history);
  const ended = (op: string): number => tasks.filter(({ end }) => end?.op === op).length;
  const retried = tasks.filter(({ answers }) => answers.some(({ status }) => status === 0 || status >= 500)).length;
  const rows: readonly (readonly [string, number])[] = [
    ["tasks posted", history.tasks.length],
    ["tasks accepted", tasks.filter(({ isAccepted }) => isAccepted).length],
    ["  calls repeated for", retried],
    ["complete", ended("complete")],
    ["aborted", ended("abort")],
    ["timed out", ended("timeout")],
    ["claims", history.events.filter(({ op }) => op === "ack").length],
    ["events", history.events.length],
  ];
  return rows.map(([name, count]) => `${name.padEnd(24)}${String(count).padStart(8)}`);
}

function faultTable({ faults, exits }: History): readonly string[] {
  const counts = new Map<string, number>();
  for (const { kind } of faults) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const kinds = [...counts].sort(([a], [b]) => a.localeCompare(b)).map(([kind, count]) => `${kind} ${count}`);
  return [`${faults.length} faults of ${counts.size} kinds, ${exits.length} processes ended: ${kinds.join(", ")}`];
}

function recoveryTable(samples: readonly Sample[]): readonly string[] {
  const head = ["recovery, in seconds".padEnd(42), "n", "p50", "p99", "max"].join(" | ");
  const rows = (Object.keys(figures) as Figure[]).flatMap((figure) =>
    [false, true].map((isDisturbed) => {
      const found = samples.filter((sample) => sample.figure === figure && sample.isDisturbed === isDisturbed);
      const ms = found.map((sample) => sample.ms).sort((a, b) => a - b);
      const cells = ms.length === 0 ? ["–", "–", "–"] : [0.5, 0.99, 1].map((share) => seconds(percentile(ms, share)));
      const name = isDisturbed ? "  under other faults" : figures[figure];
      return [name.padEnd(42), ms.length, ...cells].join(" | ");
    }),
  );
  return [head, ...rows];
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(2);
}

/** The value that `share` of all values, sorted upwards, do not exceed. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/** How many violations of one rule are shown in full. */
const shown = 10;

function violationTable(violations: readonly Violation[]): readonly string[] {
  return ruleNames.flatMap((rule) => {
    const found = violations.filter((violation) => violation.rule === rule);
    return [
      `${nameOf(rule).padEnd(24)}${String(found.length).padStart(8)}`,
      ...(found.length > 0 ? [`    (${rules[rule]})`] : []),
      ...found.slice(0, shown).map(({ id, detail }) => `    ${id ?? "the run"}: ${detail}`),
      ...(found.length > shown ? [`    and ${found.length - shown} more`] : []),
    ];
  });
}

/** `doubleTerminal` → `double terminal`. */
function nameOf(rule: string): string {
  return rule.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
