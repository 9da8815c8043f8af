import { instancesOf, type ProcessName, processNames, type SchedulerName, schedulerNames } from "./deployment.ts";
import { Random } from "./random.ts";

/** What can go wrong, by name: what it happens to, and for how long it lasts, in milliseconds. */
const kinds = {
  "kill-api": { on: "api", holdMs: [200, 2_000] },
  "freeze-api": { on: "api", holdMs: [1_000, 6_000] },
  "drain-api": { on: "api", holdMs: [0, 500] },
  "crash-api": { on: "api", holdMs: [200, 2_000] },
  "kill-scheduler": { on: "scheduler", holdMs: [200, 3_000] },
  "freeze-scheduler": { on: "scheduler", holdMs: [1_000, 12_000] },
  "drain-scheduler": { on: "scheduler", holdMs: [0, 500] },
  "crash-scheduler": { on: "scheduler", holdMs: [200, 2_000] },
  "kill-timeout": { on: "timeout", holdMs: [200, 3_000] },
  "freeze-timeout": { on: "timeout", holdMs: [1_000, 6_000] },
  "drain-timeout": { on: "timeout", holdMs: [0, 500] },
  "crash-timeout": { on: "timeout", holdMs: [200, 2_000] },
  "restart-broker": { on: "broker", holdMs: [0, 1_000] },
  "kill-broker": { on: "broker", holdMs: [0, 1_000] },
  "kill-redis": { on: "redis", holdMs: [0, 1_500] },
  "freeze-redis": { on: "redis", holdMs: [500, 5_000] },
  "cut-redis": { on: "network", holdMs: [0, 0] },
  "half-open-redis": { on: "network", holdMs: [1_000, 8_000] },
  "slow-redis": { on: "network", holdMs: [2_000, 5_000] },
  "cut-amqp": { on: "network", holdMs: [0, 0] },
  "half-open-amqp": { on: "network", holdMs: [1_000, 8_000] },
  "slow-amqp": { on: "network", holdMs: [2_000, 5_000] },
  "purge-queue": { on: "queue", holdMs: [1_500, 1_500] },
  "delete-queue": { on: "queue", holdMs: [1_500, 1_500] },
} as const satisfies Readonly<
  Record<
    string,
    {
      readonly on: "api" | "scheduler" | "timeout" | "broker" | "redis" | "network" | "queue";
      readonly holdMs: readonly [number, number];
    }
  >
>;

/** What goes wrong. */
export type FaultKind = keyof typeof kinds;

/** The names of all faults, in order. */
export const faultKinds = Object.keys(kinds) as readonly FaultKind[];

/** A fault that is going to be injected. */
export interface PlannedFault {
  /** From 1. */
  readonly number: number;
  readonly kind: FaultKind;
  /** A process, `all` for every connection, a scheduler for its queue, else the server. */
  readonly target: string;
  /** What nothing else may happen to meanwhile. */
  readonly resources: readonly string[];
  /** How long it lasts, in milliseconds. */
  readonly holdMs: number;
  /** How long after its beginning the next one may begin, in milliseconds. */
  readonly nextAfterMs: number;
  /** For choices that the kind leaves open: from 0 up to, and without, 1. */
  readonly choice: number;
}

/** The faults of a run: each kind once before any comes again, in an order that the seed gives. */
export function planFaults(
  seed: number,
  count: number,
  options: { readonly only?: readonly FaultKind[] } = {},
): readonly PlannedFault[] {
  const random = new Random(seed ^ 0x5f3759df);
  const used = options.only ?? faultKinds;
  let deck: readonly FaultKind[] = [];
  return Array.from({ length: count }, (_, index) => {
    if (deck.length === 0) deck = random.shuffle(used);
    const [kind, ...rest] = deck;
    deck = rest;
    return planFault(random, index + 1, kind ?? "kill-api");
  });
}

function planFault(random: Random, number: number, kind: FaultKind): PlannedFault {
  const { on, holdMs } = kinds[kind];
  return {
    number,
    kind,
    ...pickTarget(random, on, kind),
    holdMs: random.between(holdMs[0], holdMs[1]),
    nextAfterMs: random.between(1_500, 4_500),
    choice: random.next(),
  };
}

function pickTarget(
  random: Random,
  on: (typeof kinds)[FaultKind]["on"],
  kind: FaultKind,
): { readonly target: string; readonly resources: readonly string[] } {
  switch (on) {
    case "api":
    case "scheduler":
    case "timeout": {
      const target = random.pick(processNames(on));
      return { target, resources: [target] };
    }
    case "broker":
    case "redis":
      return { target: on, resources: [on] };
    case "network": {
      const target = random.chance(0.3) ? "all" : random.pick(processNames());
      return { target, resources: networkOf(target, kind.endsWith("redis") ? "redis" : "amqp") };
    }
    case "queue": {
      const target: SchedulerName = random.pick(schedulerNames);
      return { target, resources: ["broker", ...instancesOf(target)] };
    }
  }
}

function networkOf(target: ProcessName | "all", server: "redis" | "amqp"): readonly string[] {
  const names = target === "all" ? processNames() : [target];
  return names.map((name) => `${name}:${server}`);
}
