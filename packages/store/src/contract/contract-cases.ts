import { abortCases } from "./abort-cases.ts";
import { announceCases } from "./announce-cases.ts";
import { claimCases } from "./claim-cases.ts";
import type { ContractCase } from "./contract-case.ts";
import { currentRunCases } from "./current-run-cases.ts";
import { eventCases } from "./event-cases.ts";
import { finishCases } from "./finish-cases.ts";
import { hintCases } from "./hint-cases.ts";
import { leaseCases } from "./lease-cases.ts";
import { lifecycleCases } from "./lifecycle-cases.ts";
import { listCases } from "./list-cases.ts";
import { logCases } from "./log-cases.ts";
import { lostCases } from "./lost-cases.ts";
import { lostTransitionCases } from "./lost-transition-cases.ts";
import { ownerCases } from "./owner-cases.ts";
import { reannounceCases } from "./reannounce-cases.ts";
import { releaseCases } from "./release-cases.ts";
import { restoreCases } from "./restore-cases.ts";
import { scheduleCases } from "./schedule-cases.ts";
import { schedulerCases } from "./scheduler-cases.ts";
import { scopeCases } from "./scope-cases.ts";
import type { StoreHarness } from "./store-harness.ts";
import { sweepCases } from "./sweep-cases.ts";
import { transitionCases } from "./transition-cases.ts";
import { Trial } from "./trial.ts";
import { undeliveredCases } from "./undelivered-cases.ts";

/** All that a store keeps, by area. */
export const contractCases: Readonly<Record<string, readonly ContractCase[]>> = {
  "a store": lifecycleCases,
  "accepting tasks": scheduleCases,
  claims: claimCases,
  "work elsewhere": scopeCases,
  "the run that counts": currentRunCases,
  owners: ownerCases,
  logs: logCases,
  "giving up a task": releaseCases,
  "ending a task": finishCases,
  "aborting a task": abortCases,
  sweeping: sweepCases,
  announcing: announceCases,
  "announcing again": reannounceCases,
  "dead letters": undeliveredCases,
  "losing tasks": lostCases,
  "restoring tasks": restoreCases,
  listing: listCases,
  schedulers: schedulerCases,
  hints: hintCases,
  "keeping leases": leaseCases,
  events: eventCases,
  transitions: transitionCases,
  "transitions of lost tasks": lostTransitionCases,
};

/** Verifies one case on a store of its own; rejects when the store does not keep it. */
export async function verifyCase(
  contractCase: ContractCase,
  open: () => Promise<StoreHarness> | StoreHarness,
): Promise<void> {
  const harness = await open();
  try {
    const trial = new Trial(harness);
    await trial.leaveGap();
    await contractCase.verify(trial);
  } finally {
    await harness.close();
  }
}
