import { InMemoryQueue } from "@mayfly/queue";
import { InlineRuntime } from "@mayfly/runtime";
import { ManualClock } from "@mayfly/service/testing";
import { describeServiceContract, describeServiceFaults, type FaultTrial } from "@mayfly/service-contract";
import { Scheduler } from "../src/scheduler.ts";
import { CuttableStore } from "./cuttable-store.ts";

/** A scheduler, and a store that can be away. */
function makeTrial(): FaultTrial {
  const clock = new ManualClock();
  const store = new CuttableStore({ clock });
  const service = new Scheduler({
    name: "hello",
    store,
    queue: new InMemoryQueue({ clock }),
    runtime: new InlineRuntime({}, { clock }),
    clock,
  });
  return {
    service,
    isIdle: () => clock.pendingTimers === 0 && service.running === 0,
    beginFault: () => store.cutAll(),
    endFault: async () => {
      store.cut.clear();
      // What waits for the store asks it again.
      await clock.advance(5_000);
    },
  };
}

describeServiceContract("[SERV-1] Scheduler", makeTrial);
describeServiceFaults("[SERV-4] Scheduler", makeTrial);
