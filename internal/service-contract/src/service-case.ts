import assert from "node:assert/strict";
import type { Service } from "@mayfly/service";
import { randomNumbers } from "./random-numbers.ts";
import type { ServiceTrial } from "./service-trial.ts";

/** One promise of a service, as something that throws when it is broken. */
export interface ServiceCase<T extends ServiceTrial = ServiceTrial> {
  readonly title: string;
  readonly run: (trial: T) => Promise<void>;
}

/** The cases with a story. What is left running after each of them is looked for by the one who runs them. */
export const serviceCases: readonly ServiceCase[] = [
  {
    title: "gives the same promise for a second start",
    run: async ({ service }) => {
      const first = service.start();
      assert.equal(service.start(), first, "a start during a start must give its promise");
      await first;
      assert.equal(service.start(), first, "a start after a start must give its promise");
    },
  },
  {
    title: "does nothing when it is stopped before it was started",
    run: async ({ service }) => {
      await service.stop();
      await service.stop();
    },
  },
  {
    title: "does nothing when it is stopped a second time",
    run: async ({ service }) => {
      await service.start();
      await Promise.all([service.stop(), service.stop()]);
      await service.stop();
    },
  },
  {
    title: "resolves stop only when nothing is left running",
    run: async (trial) => {
      await trial.service.start();
      await trial.service.stop();
      assertIdle(trial);
    },
  },
  {
    title: "can be stopped while it starts",
    run: async (trial) => {
      const starting = trial.service.start();
      const stopping = trial.service.stop();
      await Promise.allSettled([starting]);
      await stopping;
      assertIdle(trial);
    },
  },
  {
    title: "starts anew after a stop",
    run: async (trial) => {
      const first = trial.service.start();
      await first;
      await trial.service.stop();
      const second = trial.service.start();
      assert.notEqual(second, first, "a start after a stop must start anew");
      await second;
      await trial.service.stop();
      assertIdle(trial);
    },
  },
  {
    title: "starts again when it is asked to while it stops",
    run: async (trial) => {
      await trial.service.start();
      const stopping = trial.service.stop();
      const starting = trial.service.start();
      await stopping;
      await starting;
      await trial.service.stop();
      assertIdle(trial);
    },
  },
  {
    title: "is stopped by its disposal",
    run: async (trial) => {
      await trial.service.start();
      await trial.service[Symbol.asyncDispose]();
      assertIdle(trial);
      await trial.service[Symbol.asyncDispose]();
    },
  },
];

/** Calls start, stop and disposal in a random order that follows from the seed; sometimes waits in between. */
export function interleaving(seed: number, calls: number): ServiceCase {
  return {
    title: `survives random calls of start and stop (seed ${seed})`,
    run: async (trial) => {
      const random = randomNumbers(seed);
      const all: Promise<void>[] = [];
      for (let call = 0; call < calls; call += 1) {
        const promise = callAny(trial.service, random());
        all.push(promise);
        const wait = random();
        if (wait < 0.3) await Promise.allSettled([promise]);
        else if (wait < 0.6) await new Promise((resolve) => setImmediate(resolve));
      }
      await trial.service.stop();
      await Promise.all(all);
      await trial.service.stop();
      assertIdle(trial);
    },
  };
}

function callAny(service: Service, random: number): Promise<void> {
  if (random < 0.5) return service.start();
  return random < 0.9 ? service.stop() : Promise.resolve(service[Symbol.asyncDispose]());
}

/** @throws AssertionError when the service has something left running */
export function assertIdle({ isIdle }: ServiceTrial): void {
  if (isIdle !== undefined) assert.ok(isIdle(), "something is left running after the stop");
}
