import { aTask } from "@mayfly/task/testing";
import type { RuntimeAbility, RuntimeHarness } from "../src/contract.ts";
import { RemoteEnvironment } from "./remote-environment.ts";
import { type RemoteHandle, RemoteRuntime } from "./remote-runtime.ts";

/** What a {@link RemoteRuntime} can do. */
export const remoteAbilities: readonly RuntimeAbility[] = [
  "adopt",
  "leavesNothing",
  "stubborn",
  "force",
  "ignoresSignal",
  "deadline",
  "bigOutput",
  "keepsWithoutLogs",
  "recover",
  "health",
];

/** Opens a harness around the runtime that `create` makes over a new environment, at first and after a restart. */
export function openRemoteHarness(
  create: (environment: RemoteEnvironment) => RemoteRuntime = (environment) => new RemoteRuntime(environment),
): RuntimeHarness {
  const environment = new RemoteEnvironment();
  return {
    runtime: create(environment),
    tasks: {
      complete: () => aTask({ attributes: { does: "complete" } }),
      fail: () => aTask({ attributes: { does: "fail" } }),
      slow: () => aTask({ attributes: { does: "slow" } }),
      stubborn: () => aTask({ attributes: { does: "stubborn" } }),
      brokenStart: () => aTask({ attributes: { does: "broken" } }),
      loud: (bytes) => aTask({ attributes: { does: "complete", bytes } }),
    },
    isRunning: async (handle) => environment.jobs.get((handle as RemoteHandle).name)?.isRunning ?? false,
    timesBegun: async ({ id }) => environment.timesBegun.get(id) ?? 0,
    remains: async ({ id }, run) => environment.jobs.has(`task-${id}-${run}`),
    restart: async () => create(environment),
    loseLogs: async () => environment.breakStreams(),
    close: async () => {
      for (const job of environment.jobs.values()) job.kill();
    },
  };
}
