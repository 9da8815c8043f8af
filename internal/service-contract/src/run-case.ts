import { LeakCheck } from "@mayfly/test-services";
import type { ServiceCase } from "./service-case.ts";
import type { MakeTrial, ServiceTrial } from "./service-trial.ts";

/** Runs a case on a fresh service, stops it, and rejects when the case fails or something is left open. */
export async function runCase<T extends ServiceTrial>({ run }: ServiceCase<T>, makeTrial: MakeTrial<T>): Promise<void> {
  const check = new LeakCheck();
  const trial = await makeTrial();
  try {
    await check.begin();
    try {
      await run(trial);
    } finally {
      await trial.service.stop();
    }
    await check.end();
  } finally {
    await trial.close?.();
  }
}
