import type { End } from "@mayfly/store";
import type { LiveState } from "@mayfly/task";
import fc from "fast-check";

interface OfTask {
  readonly id: string;
}

/** `back`: 0 for the latest owner of the task, 1 for the one before. */
interface OfOwner extends OfTask {
  readonly back: number;
}

/** Something that can be done to a store. */
export type Step =
  | ({
      readonly do: "schedule";
      readonly scheduler: string;
      readonly content: number;
      readonly timeoutMs: number;
    } & OfTask & {
        readonly timeoutGiven: boolean;
        readonly retentionMs: number;
      })
  | ({ readonly do: "announced"; readonly isLatest: boolean } & OfTask)
  | ({ readonly do: "abort"; readonly message: string | undefined } & OfTask)
  | ({
      readonly do: "claim";
      readonly isRepeat: boolean;
      readonly leaseMs: number;
      readonly maxAttempts: number;
    } & OfTask & {
        readonly isAnnounced: boolean;
        readonly recreates: boolean;
      })
  | ({ readonly do: "attach"; readonly value: number } & OfOwner)
  | { readonly do: "heartbeat" }
  | ({ readonly do: "progress"; readonly value: number } & OfOwner)
  | ({
      readonly do: "release";
      readonly cause: "give_back" | "hand_over" | "retry";
      readonly delayMs: number;
    } & OfOwner)
  | ({ readonly do: "finish"; readonly end: End } & OfOwner)
  | ({ readonly do: "restore"; readonly value: number | undefined; readonly runningForMs: number } & OfOwner)
  | { readonly do: "stalled"; readonly ageMs: number }
  | ({ readonly do: "reannounce"; readonly isLatest: boolean } & OfTask)
  | ({
      readonly do: "undelivered";
      readonly isLatest: boolean;
      readonly isDated: boolean;
      readonly delayMs: number;
    } & OfTask & { readonly maxFailures: number })
  | { readonly do: "wipe" }
  | { readonly do: "events" }
  | { readonly do: "sweep"; readonly kind: "expire" | "recover" }
  | { readonly do: "due" }
  | {
      readonly do: "list";
      readonly limit: number;
      readonly scheduler: string | undefined;
      readonly state: LiveState | undefined;
    }
  | { readonly do: "count"; readonly scheduler: string }
  | { readonly do: "flush-scripts" }
  | { readonly do: "advance"; readonly byMs: number };

const scheduler = fc.constantFrom("a", "b");
const ends: readonly End[] = [
  { outcome: "complete" },
  { outcome: "complete", result: { list: [], big: 9_007_199_254_740_991 } },
  { outcome: "complete", resultDropped: true },
  { outcome: "aborted", reason: { code: "failed", message: "It failed:\nbadly." } },
];

/** Any sequence of at most `maxLength` steps with the tasks `ids`. */
export function stepsOf(ids: readonly string[], maxLength: number): fc.Arbitrary<readonly Step[]> {
  const id = fc.constantFrom(...ids);
  const owner = { id, back: fc.constantFrom(0, 0, 0, 1) };
  const step = <Name extends Step["do"]>(name: Name) => fc.constant(name);
  const steps: fc.OneOfConstraints & { readonly of: readonly { weight: number; arbitrary: fc.Arbitrary<Step> }[] } = {
    of: [
      {
        weight: 8,
        arbitrary: fc.record({
          do: step("schedule"),
          id,
          scheduler: fc.constantFrom("a", "a", "a", "a", "a", "b"),
          content: fc.constantFrom(1, 1, 1, 1, 1, 2),
          timeoutMs: fc.constantFrom(-1, 3_000, 30_000, 30_000, 300_000, 300_000, 300_000, 900_000),
          timeoutGiven: fc.constantFrom(false, false, true),
          retentionMs: fc.constantFrom(5_000, 60_000),
        }),
      },
      { weight: 8, arbitrary: fc.record({ do: step("announced"), id, isLatest: fc.constantFrom(true, true, false) }) },
      { weight: 1, arbitrary: fc.record({ do: step("abort"), id, message: fc.constantFrom(undefined, "Stop.") }) },
      {
        weight: 6,
        arbitrary: fc.record({
          do: step("claim"),
          id,
          isRepeat: fc.constantFrom(false, false, true),
          leaseMs: fc.constantFrom(1_000, 30_000, 30_000),
          maxAttempts: fc.integer({ min: 1, max: 3 }),
          isAnnounced: fc.boolean(),
          recreates: fc.boolean(),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: step("attach"), value: fc.nat(9), ...owner }) },
      { weight: 1, arbitrary: fc.record({ do: step("heartbeat") }) },
      { weight: 1, arbitrary: fc.record({ do: step("progress"), value: fc.nat(9), ...owner }) },
      {
        weight: 3,
        arbitrary: fc.record({
          do: step("release"),
          cause: fc.constantFrom("give_back" as const, "hand_over" as const, "retry" as const),
          delayMs: fc.constantFrom(0, 0, 2_000, 600_000),
          ...owner,
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: step("finish"), end: fc.constantFrom(...ends), ...owner }) },
      {
        weight: 1,
        arbitrary: fc.record({ do: step("sweep"), kind: fc.constantFrom("expire" as const, "recover" as const) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          do: step("restore"),
          value: fc.option(fc.nat(9), { nil: undefined }),
          runningForMs: fc.constantFrom(0, 1_500),
          ...owner,
        }),
      },
      { weight: 4, arbitrary: fc.record({ do: step("stalled"), ageMs: fc.constantFrom(0, 1, 500) }) },
      {
        weight: 1,
        arbitrary: fc.record({ do: step("reannounce"), id, isLatest: fc.constantFrom(true, true, false) }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          do: step("undelivered"),
          id,
          isLatest: fc.constantFrom(true, true, false),
          isDated: fc.constantFrom(true, true, false),
          delayMs: fc.constantFrom(0, 2_000),
          maxFailures: fc.integer({ min: 1, max: 4 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: step("wipe") }) },
      { weight: 1, arbitrary: fc.record({ do: step("events") }) },
      { weight: 2, arbitrary: fc.record({ do: step("due") }) },
      {
        weight: 1,
        arbitrary: fc.record({
          do: step("list"),
          limit: fc.integer({ min: 1, max: 4 }),
          scheduler: fc.option(scheduler, { nil: undefined }),
          state: fc.constantFrom(undefined, "scheduled" as const, "running" as const, "aborting" as const),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: step("count"), scheduler }) },
      { weight: 1, arbitrary: fc.record({ do: step("flush-scripts") }) },
      {
        weight: 3,
        arbitrary: fc.record({
          do: step("advance"),
          byMs: fc.constantFrom(1, 500, 1_000, 2_000, 5_000, 5_000, 30_000),
        }),
      },
    ],
  };
  return fc.array(fc.oneof(...steps.of), { minLength: 1, maxLength, size: "max" });
}
