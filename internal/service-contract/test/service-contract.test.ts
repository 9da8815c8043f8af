import { Lifecycle, type Service } from "@mayfly/service";
import { afterEach, describe, expect, it } from "vitest";
import { describeServiceContract, describeServiceFaults } from "../src/describe-service-contract.ts";
import { faultCases, faultInterleaving } from "../src/fault-case.ts";
import { runCase } from "../src/run-case.ts";
import { interleaving, serviceCases } from "../src/service-case.ts";
import type { FaultTrial, ServiceTrial } from "../src/service-trial.ts";

/** Every timer of every service, so that the bad ones can be cleaned up after. */
const timers = new Set<NodeJS.Timeout>();

function startTimer(): NodeJS.Timeout {
  const timer = setInterval(() => {}, 1_000);
  timers.add(timer);
  return timer;
}

afterEach(() => {
  for (const timer of timers) clearInterval(timer);
  timers.clear();
});

/** A service as it should be, with a timer of its own. */
class Ticker implements Service {
  readonly #lifecycle = new Lifecycle();
  protected timer: NodeJS.Timeout | undefined;

  get isIdle(): boolean {
    return this.timer === undefined;
  }

  start(): Promise<void> {
    return this.#lifecycle.start(async () => {
      await Promise.resolve();
      this.timer = startTimer();
    });
  }

  stop(): Promise<void> {
    return this.#lifecycle.stop(async () => {
      await Promise.resolve();
      clearInterval(this.timer);
      this.timer = undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

function trialOf(service: Ticker): ServiceTrial {
  return { service, isIdle: () => service.isIdle };
}

describeServiceContract("[OPS-2] Ticker", () => trialOf(new Ticker()));

class OtherPromise extends Ticker {
  override async start(): Promise<void> {
    await super.start();
  }
}

class StopNeedsStart extends Ticker {
  override stop(): Promise<void> {
    if (this.isIdle) return Promise.reject(new Error("not started"));
    return super.stop();
  }
}

class StopsTooEarly extends Ticker {
  override stop(): Promise<void> {
    setImmediate(() => void super.stop());
    return Promise.resolve();
  }
}

class StartsOnce extends Ticker {
  #first: Promise<void> | undefined;
  override start(): Promise<void> {
    this.#first ??= super.start();
    return this.#first;
  }
}

class DisposeIsEmpty extends Ticker {
  override async [Symbol.asyncDispose](): Promise<void> {}
}

/** Has no guard at all: each start makes a timer, and the last one hides the others. */
class LosesTimers extends Ticker {
  #started: Promise<void> | undefined;
  override start(): Promise<void> {
    this.#started ??= Promise.resolve().then(() => {
      this.timer = startTimer();
    });
    return this.#started;
  }
  override async stop(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    this.#started = undefined;
  }
}

describe("[OPS-2] the contract", () => {
  it.each([
    [OtherPromise, "gives the same promise for a second start"],
    [StopNeedsStart, "does nothing when it is stopped before it was started"],
    [StopsTooEarly, "resolves stop only when nothing is left running"],
    [StartsOnce, "starts anew after a stop"],
    [DisposeIsEmpty, "is stopped by its disposal"],
    [LosesTimers, "can be stopped while it starts"],
    [LosesTimers, "survives random calls of start and stop (seed 1)"],
  ])("catches %o", async (Mutant, title) => {
    const serviceCase = [...serviceCases, interleaving(1, 30)].find((one) => one.title === title);
    if (serviceCase === undefined) throw new Error(`There is no case "${title}".`);
    await runCase(serviceCase, () => trialOf(new Ticker()));
    await expect(runCase(serviceCase, () => trialOf(new Mutant()))).rejects.toThrow(/./);
  });
});

/** A service that needs a store to start and to say goodbye, as it should be. */
class Visitor extends Ticker {
  isAway = false;

  override start(): Promise<void> {
    return this.isAway ? Promise.reject(new Error("The store is away.")) : super.start();
  }
}

function faultTrialOf(service: Visitor): FaultTrial {
  return {
    ...trialOf(service),
    beginFault: () => void (service.isAway = true),
    endFault: () => void (service.isAway = false),
  };
}

describeServiceFaults("[OPS-2] Visitor", () => faultTrialOf(new Visitor()));

class StopNeedsStore extends Visitor {
  override async stop(): Promise<void> {
    await super.stop();
    if (this.isAway) throw new Error("The store is away.");
  }
}

class NeverStartsAgain extends Visitor {
  #failed: Promise<void> | undefined;
  override start(): Promise<void> {
    if (this.isAway) this.#failed = super.start();
    return this.#failed ?? super.start();
  }
}

describe("[SERV-4] the contract under faults", () => {
  it.each([
    [StopNeedsStore, "is stopped while it waits for what is away, or after it could not start"],
    [StopNeedsStore, "stops although what it needs has gone away"],
    [NeverStartsAgain, "starts anew when what it needs is there again"],
    [StopNeedsStore, "survives random calls and faults (seed 1)"],
    [NeverStartsAgain, "survives random calls and faults (seed 1)"],
  ])("catches %o", async (Mutant, title) => {
    const faultCase = [...faultCases, faultInterleaving(1, 30)].find((one) => one.title === title);
    if (faultCase === undefined) throw new Error(`There is no case "${title}".`);
    await runCase(faultCase, () => faultTrialOf(new Visitor()));
    await expect(runCase(faultCase, () => faultTrialOf(new Mutant()))).rejects.toThrow(/./);
  });
});
