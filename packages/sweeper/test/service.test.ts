import { InMemoryQueue } from "@mayfly/queue";
import { ManualClock } from "@mayfly/service/testing";
import { describeServiceContract } from "@mayfly/service-contract";
import { InMemoryStore } from "@mayfly/store";
import { Sweeper } from "../src/index.ts";

describeServiceContract("[SERV-1] Sweeper", () => {
  const clock = new ManualClock();
  const service = new Sweeper({
    store: new InMemoryStore({ clock, shards: 3 }),
    queue: new InMemoryQueue({ clock }),
    clock,
  });
  return { service, isIdle: () => clock.pendingTimers === 0 };
});
