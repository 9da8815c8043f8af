import { backlog } from "./backlog.ts";
import { blockedLoop } from "./blocked-loop.ts";
import { dockerOverhead } from "./docker-overhead.ts";
import type { Figure } from "./figure.ts";
import { heldDeliveries } from "./held-deliveries.ts";
import { promptness } from "./promptness.ts";
import { recovery } from "./recovery.ts";

/** Something that can be measured. */
interface Measurement {
  /** What its numbers mean, each with its default. */
  readonly parameters: Readonly<Record<string, number>>;
  readonly run: (numbers: readonly number[]) => Promise<readonly Figure[]>;
}

/** All of them, by name. */
const measurements: Readonly<Record<string, Measurement>> = {
  "blocked-loop": {
    parameters: { "block seconds": 60, "lease seconds": 30 },
    run: ([block = 60, lease = 30]) => blockedLoop(block, lease),
  },
  "held-deliveries": {
    parameters: { "busy seconds": 180 },
    run: ([busy = 180]) => heldDeliveries(busy),
  },
  recovery: {
    parameters: { rounds: 10, "lease seconds": 30 },
    run: ([rounds = 10, lease = 30]) => recovery(rounds, lease),
  },
  promptness: {
    parameters: { tasks: 200 },
    run: ([tasks = 200]) => promptness(tasks),
  },
  backlog: {
    parameters: { tasks: 100_000 },
    run: ([tasks = 100_000]) => backlog(tasks),
  },
  docker: {
    parameters: { tasks: 200, "at a time": 8 },
    run: ([tasks = 200, atOnce = 8]) => dockerOverhead(tasks, atOnce),
  },
};

/** What was asked for. */
export interface Request {
  readonly measurement: Measurement;
  readonly numbers: readonly number[];
}

/** Reads the arguments of the command; a text says what is wrong with them. */
export function readRequest([name = "", ...rest]: readonly string[]): Request | string {
  const measurement = Object.hasOwn(measurements, name) ? measurements[name] : undefined;
  if (measurement === undefined) return `There is no measurement "${name}".\n${usage()}`;
  const defaults = Object.values(measurement.parameters);
  const isNumber = (text: string): boolean => Number.isFinite(Number(text)) && Number(text) > 0;
  if (rest.length > defaults.length || !rest.every(isNumber)) {
    return `The measurement "${name}" does not take ${rest.join(" ")}.\n${usage()}`;
  }
  return { measurement, numbers: defaults.map((value, index) => Number(rest[index] ?? value)) };
}

function usage(): string {
  const lines = Object.entries(measurements).map(([name, { parameters }]) => {
    const words = Object.entries(parameters).map(([word, value]) => `[${word}, ${value}]`);
    return `  npm run measure -- ${name} ${words.join(" ")}`;
  });
  return ["Usage:", ...lines].join("\n");
}
