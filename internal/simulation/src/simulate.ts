import type { CrashPoint } from "@mayfly/service";
import type { FaultKind } from "./fault-log.ts";
import { FaultPlanner } from "./fault-planner.ts";
import { FinalCheck } from "./final-check.ts";
import type { Place } from "./place.ts";
import { Random } from "./random.ts";
import { settings } from "./settings.ts";
import type { Violation } from "./task-facts.ts";
import { Workload } from "./workload.ts";
import { World, type WorldOptions } from "./world.ts";

/** What came of a simulation. */
export interface SimulationResult {
  readonly seed: number;
  /** Whether the store was wiped in it: then less is promised. */
  readonly isWiped: boolean;
  readonly violations: readonly Violation[];
  /** What each violation was preceded by: the lines of the trace about its task. */
  readonly explain: (violation: Violation) => readonly string[];
  /** The whole trace. */
  readonly lines: () => readonly string[];
  /** The same for every run of this seed. */
  readonly fingerprint: string;
  readonly operations: number;
  readonly tasks: number;
  readonly faults: ReadonlyMap<FaultKind, number>;
  readonly crashPoints: ReadonlyMap<CrashPoint, number>;
  /** Events of the simulation, and its length in virtual time, in milliseconds. */
  readonly events: number;
  readonly lastedMs: number;
}

/** What a simulation can be given besides its seed: parts with bugs in them. */
export type SimulationOptions = Omit<WorldOptions, "random" | "hasWipe">;

/** Every so many seeds the store is wiped. */
const wipeEvery = 8;

/** How long late calls may still come in after the last fault, in milliseconds. */
const latenessMs = 9_000;

/** The pause between two audits, in milliseconds. */
const auditMs = 2_500;

/** Runs the simulation that `seed`, a whole number from 0, decides. */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<SimulationResult> {
  const random = new Random(seed);
  const hasWipe = seed % wipeEvery === wipeEvery - 1;
  const realRandom = Math.random;
  const { stackTraceLimit } = Error;
  const jitter = random.fork();
  // The pauses of the programs are chosen with it.
  Math.random = () => jitter.next();
  // Aborted signals and failed calls are many, and where they were made is no news.
  Error.stackTraceLimit = 0;
  const world = new World({ ...options, random, hasWipe });
  try {
    const beginMs = world.kernel.nowMs;
    const workload = new Workload({ world, random: random.fork() });
    const planner = new FaultPlanner({ world, random: random.fork() });
    const check = new FinalCheck(world);
    await world.kernel.run(beginMs + 100);
    workload.plan();
    planner.plan(hasWipe);
    await runAudited(world, check, beginMs + settings.activeMs);
    planner.heal();
    world.tell("nothing goes wrong any more");
    await runAudited(world, check, world.kernel.nowMs + latenessMs);
    await world.kernel.run(world.kernel.nowMs + settings.settleMs, () => check.isAllDone());
    check.checkEnds();
    if (world.book.violations.length === 0) {
      // The last copies of messages are handled, and the last instances that died are forgotten.
      await world.kernel.run(world.kernel.nowMs + settings.leaseMs + 1_000);
      world.isOver = true;
      for (const place of world.places) place.drain();
      const isStopped = ({ program, process }: Place): boolean => program.kind === "api" || !process.isAlive;
      await world.kernel.run(world.kernel.nowMs + settings.drainGraceMs + 5_000, () => world.places.every(isStopped));
      for (const { program, process } of world.places) {
        if (program.kind !== "api" && process.isAlive) world.book.blame(`${process.name} does not stop`);
      }
      await check.checkBaseline();
    }
    const { trace, book, kernel } = world;
    return {
      seed,
      isWiped: hasWipe,
      violations: book.violations,
      explain: ({ id }) => (id === undefined ? trace.lines().slice(-60) : trace.linesOf(id)),
      lines: () => trace.lines(),
      get fingerprint() {
        return trace.fingerprint;
      },
      operations: workload.operations,
      tasks: [...book.all()].length,
      faults: world.faults.counts,
      crashPoints: world.crashPoints.hits,
      events: kernel.events,
      lastedMs: kernel.nowMs - beginMs,
    };
  } finally {
    world.close();
    Math.random = realRandom;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

async function runAudited(world: World, check: FinalCheck, untilMs: number): Promise<void> {
  while (world.kernel.nowMs < untilMs && world.book.violations.length === 0) {
    await world.kernel.run(Math.min(untilMs, world.kernel.nowMs + auditMs));
    await check.audit();
  }
}
