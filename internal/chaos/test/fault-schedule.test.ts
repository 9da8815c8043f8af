import { systemClock } from "@mayfly/service";
import { expect, it } from "vitest";
import { type PlannedFault, planFaults } from "../src/fault-plan.ts";
import { injectAll } from "../src/fault-schedule.ts";

const clock = { ...systemClock, sleep: () => Promise.resolve() };

/** Faults that last until they are let go. */
function heldFaults() {
  const going: PlannedFault[] = [];
  let most = 0;
  const inject = async (fault: PlannedFault): Promise<void> => {
    const taken = going.flatMap(({ resources }) => resources);
    expect(fault.resources.filter((resource) => taken.includes(resource))).toEqual([]);
    going.push(fault);
    most = Math.max(most, going.length);
    for (let turn = 0; turn < (fault.number % 5) + 1; turn++) await new Promise((resolve) => setImmediate(resolve));
    going.splice(going.indexOf(fault), 1);
  };
  return { inject, going, most: () => most };
}

it("injects all faults, several at a time, never two on one resource", async () => {
  const { inject, going, most } = heldFaults();
  const injected: number[] = [];
  await injectAll(planFaults(1, 200), {
    clock,
    signal: new AbortController().signal,
    atOnce: 3,
    inject: async (fault) => {
      await inject(fault);
      injected.push(fault.number);
    },
  });
  expect(injected).toHaveLength(200);
  expect(going).toEqual([]);
  expect(most()).toBe(3);
});

it("begins no further fault once it is to end", async () => {
  const ending = new AbortController();
  let injected = 0;
  await injectAll(planFaults(1, 50), {
    clock,
    signal: ending.signal,
    atOnce: 3,
    inject: async () => {
      injected++;
      if (injected === 5) ending.abort();
    },
  });
  expect(injected).toBe(5);
});
