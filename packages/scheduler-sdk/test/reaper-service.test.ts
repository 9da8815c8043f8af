import { Reaper } from "@mayfly/runtime";
import { ManualClock } from "@mayfly/service/testing";
import { describeServiceContract } from "@mayfly/service-contract";
import { AdoptableRuntime, Environment } from "./adoptable-runtime.ts";

describeServiceContract("[SERV-1] Reaper", () => {
  const clock = new ManualClock();
  const environment = new Environment();
  for (const run of [1, 2, 3]) {
    const name = `here/x-${run}`;
    environment.left.set(name, { handle: { version: 1, name }, taskId: "x", run, scheduler: "hello" });
  }
  const service = new Reaper({
    runtime: new AdoptableRuntime({ environment, scope: "here" }),
    standingOf: async ({ run }) => (run === 2 ? "gone" : "unwanted"),
    clock,
  });
  return { service, isIdle: () => clock.pendingTimers === 0 };
});
