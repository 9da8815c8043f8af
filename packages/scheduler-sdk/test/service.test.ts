import { InMemoryQueue } from "@mayfly/queue";
import { InlineRuntime } from "@mayfly/runtime";
import { ManualClock } from "@mayfly/service/testing";
import { describeServiceContract } from "@mayfly/service-contract";
import { InMemoryStore } from "@mayfly/store";
import { Scheduler } from "../src/scheduler.ts";

describeServiceContract("[SERV-1] Scheduler", () => {
  const clock = new ManualClock();
  const service = new Scheduler({
    name: "hello",
    store: new InMemoryStore({ clock }),
    queue: new InMemoryQueue({ clock }),
    runtime: new InlineRuntime({}, { clock }),
    clock,
  });
  return { service, isIdle: () => clock.pendingTimers === 0 && service.running === 0 };
});
