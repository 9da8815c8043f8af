import type { Clock } from "@mayfly/service";
import type { PlannedFault } from "./fault-plan.ts";

/** How a plan is carried out. */
export interface FaultScheduleOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How many faults may go on at a time. */
  readonly atOnce: number;
  /** Injects one and undoes it. Never rejects. */
  readonly inject: (fault: PlannedFault) => Promise<void>;
}

/**
 * Injects faults one after the other, several at a time, but never two on one resource: one whose resources are taken
 * waits, and those behind it too. Resolves when all have been undone; after `signal` no further one begins.
 */
export async function injectAll(faults: readonly PlannedFault[], options: FaultScheduleOptions): Promise<void> {
  const { clock, signal, atOnce, inject } = options;
  const running = new Map<PlannedFault, Promise<void>>();
  const isBlocked = (fault: PlannedFault): boolean =>
    running.size >= atOnce ||
    [...running.keys()].some(({ resources }) => resources.some((one) => fault.resources.includes(one)));
  for (const fault of faults) {
    while (isBlocked(fault)) await Promise.race(running.values());
    if (signal.aborted) break;
    running.set(
      fault,
      inject(fault).finally(() => running.delete(fault)),
    );
    await clock.sleep(fault.nextAfterMs, { signal });
  }
  await Promise.all(running.values());
}
