import type { JsonObject } from "@mayfly/task";
import { type SchedulerName, schedulerNames } from "./deployment.ts";
import { Random } from "./random.ts";

/**
 * What is to become of a task. `work`: it completes. `flaky`: its first runs fail, then it completes. `fail`: it fails
 * for good. `refuse`: its scheduler rejects it. `overdue`: its work takes longer than its timeout allows. `abort`:
 * somebody asks for its end.
 */
type TaskKind = "work" | "flaky" | "fail" | "refuse" | "overdue" | "abort";

/** A task that is going to be posted. */
export interface PlannedTask {
  readonly id: string;
  readonly kind: TaskKind;
  readonly scheduler: SchedulerName;
  readonly attributes: JsonObject;
  /** From the first post, in milliseconds. */
  readonly timeoutInMs: number;
  /** From the first post, in milliseconds, if it is to run no earlier. */
  readonly notBeforeInMs?: number;
  /** How often the same is posted once more. */
  readonly repeats: number;
  /** Whether other content is posted under the same id, which must be refused. */
  readonly conflicts: boolean;
  /** When an abort is sent, from the first answer on, in milliseconds. */
  readonly abortAfterMs?: number;
  /** Whether somebody looks at it now and then. */
  readonly watched: boolean;
}

/** A timeout that no task of a run comes near to. */
const farMs = 3_600_000;

/** Content that a careless copy would change. */
const awkward: readonly JsonObject[] = [
  {},
  { list: [], map: {}, nested: [[], [{}]] },
  { large: 9_007_199_254_740_991, small: 1e-7, negative: -0.5, exponent: 1e21 },
  { text: 'Grüße, 東京 🪰 "quoted" \\ / \u2028', "a key": null, lines: "a\nb\r\n\tc" },
  { yes: true, no: false, nothing: null, mixed: [1, "1", null, [2]] },
];

/** The tasks of a run: the same for the same seed. */
export function planTasks(seed: number, count: number): readonly PlannedTask[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, number) => planTask(random, number));
}

function planTask(random: Random, number: number): PlannedTask {
  const scheduler = random.pick(schedulerNames);
  const kind = pickKind(random, scheduler);
  const ms = durationMs(random, kind);
  const isLate = kind === "overdue";
  const handler = kind === "flaky" ? "work" : kind === "overdue" || kind === "abort" ? "work" : kind;
  return {
    id: random.uuid(),
    kind,
    scheduler,
    attributes: {
      handler,
      ms,
      number,
      ...(kind === "flaky" && { failures: random.between(1, 2) }),
      ...(random.chance(0.1) && { steps: 3 }),
      content: random.pick(awkward),
    },
    timeoutInMs: isLate ? random.between(500, 2_500) : farMs,
    ...(!isLate && random.chance(0.08) && { notBeforeInMs: random.between(500, 5_000) }),
    repeats: random.chance(0.1) ? random.between(1, 3) : 0,
    conflicts: random.chance(0.03),
    ...(kind === "abort" && { abortAfterMs: random.between(0, 2_000) }),
    watched: random.chance(0.05),
  };
}

function pickKind(random: Random, scheduler: SchedulerName): TaskKind {
  const at = random.next();
  if (at < 0.05) return "refuse";
  if (at < 0.12) return scheduler === "swift" ? "flaky" : "fail";
  if (at < 0.2) return "overdue";
  if (at < 0.3) return "abort";
  return "work";
}

/** Most are short, some take up to three seconds; what is to be overdue takes longer than any of its timeouts. */
function durationMs(random: Random, kind: TaskKind): number {
  if (kind === "overdue") return random.between(4_000, 6_000);
  if (kind === "abort") return random.between(200, 3_000);
  const at = random.next();
  if (at < 0.6) return random.between(0, 100);
  if (at < 0.9) return random.between(100, 800);
  return random.between(800, 3_000);
}
