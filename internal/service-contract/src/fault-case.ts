import assert from "node:assert/strict";
import { randomNumbers } from "./random-numbers.ts";
import { assertIdle, type ServiceCase } from "./service-case.ts";
import type { FaultTrial } from "./service-trial.ts";

/** What a service keeps although what it needs is away: it may fail to start, or wait, but it always stops. */
export const faultCases: readonly ServiceCase<FaultTrial>[] = [
  {
    title: "is stopped while it waits for what is away, or after it could not start",
    run: async (trial) => {
      await trial.beginFault();
      try {
        const starting = trial.service.start();
        starting.catch(ignored);
        await turn();
        await trial.service.stop();
        await Promise.allSettled([starting]);
        assertIdle(trial);
      } finally {
        await trial.endFault();
      }
    },
  },
  {
    title: "stops although what it needs has gone away",
    run: async (trial) => {
      await trial.service.start();
      await trial.beginFault();
      try {
        await turn();
        await trial.service.stop();
        assertIdle(trial);
      } finally {
        await trial.endFault();
      }
    },
  },
  {
    title: "starts anew when what it needs is there again",
    run: async (trial) => {
      await trial.beginFault();
      try {
        trial.service.start().catch(ignored);
        await turn();
        await trial.service.stop();
      } finally {
        await trial.endFault();
      }
      await trial.service.start();
      await trial.service.stop();
      assertIdle(trial);
    },
  },
];

/** Calls start and stop, takes away what is needed and gives it back, in a random order that follows from the seed. */
export function faultInterleaving(seed: number, calls: number): ServiceCase<FaultTrial> {
  return {
    title: `survives random calls and faults (seed ${seed})`,
    run: async (trial) => {
      const random = randomNumbers(seed);
      const starts: Promise<unknown>[] = [];
      const stops: Promise<unknown>[] = [];
      try {
        for (let call = 0; call < calls; call += 1) {
          const choice = random();
          if (choice < 0.15) await trial.beginFault();
          else if (choice < 0.35) await trial.endFault();
          else if (choice < 0.7) starts.push(failureOf(trial.service.start()));
          else stops.push(failureOf(trial.service.stop()));
          // A start is not waited for: it may wait itself for what is away.
          const wait = random();
          if (wait < 0.3) await stops.at(-1);
          else if (wait < 0.6) await turn();
        }
      } finally {
        await trial.endFault();
      }
      await trial.service.stop();
      assert.deepEqual((await Promise.all(stops)).filter(Boolean), [], "a stop must not fail");
      await trial.service.stop();
      await Promise.all(starts);
      await trial.service.stop();
      assertIdle(trial);
      const again = trial.service.start();
      assert.equal(trial.service.start(), again, "a start during a start must give its promise");
      await again;
      await trial.service.stop();
      assertIdle(trial);
    },
  };
}

const ignored = (): void => undefined;

/** What `step` fails with, or undefined. */
function failureOf(step: Promise<void>): Promise<unknown> {
  return step.catch((error: unknown) => error);
}

/** A turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
