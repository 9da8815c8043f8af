import { expect, it } from "vitest";
import { podObject, type RawPod } from "../src/pod-object.ts";
import { delayOf, hasBegun, startProblemOf } from "../src/start-problem.ts";

const metadata = { name: "task-1-x", uid: "u", resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" };

type State = NonNullable<NonNullable<NonNullable<RawPod["status"]>["containerStatuses"]>[number]["state"]>;

function podWith(state: State, change: RawPod["status"] = {}): ReturnType<typeof podObject> {
  return podObject({
    metadata,
    status: { phase: "Pending", containerStatuses: [{ name: "task", state }], ...change },
  });
}

it.each([
  ["ErrImagePull", "runtime"],
  ["ImagePullBackOff", "runtime"],
  ["ErrImageNeverPull", "runtime"],
  ["CreateContainerConfigError", "runtime"],
  ["InvalidImageName", "rejected"],
])("[KUBE-5] takes %s for the end of a start, as %s", (reason, code) => {
  const pod = podWith({ waiting: { reason, message: "no such image" } });
  expect(hasBegun(pod)).toBe(false);
  expect(startProblemOf(pod, "tools:1")).toMatchObject({
    code,
    message: `The image tools:1 cannot be run: ${reason}: no such image`,
  });
});

it.each([
  {},
  { waiting: {} },
  { waiting: { reason: "ContainerCreating" } },
  { waiting: { reason: "PodInitializing" } },
])("[KUBE-5] waits for a container with the state %j", (state) => {
  const pod = podWith(state);
  expect(hasBegun(pod)).toBe(false);
  expect(startProblemOf(pod, "tools:1")).toBeUndefined();
});

it.each([
  ["runs", podWith({ running: {} }, { phase: "Running" })],
  ["has ended", podWith({ terminated: { exitCode: 0 } }, { phase: "Succeeded" })],
  ["will never run", podObject({ metadata, status: { phase: "Failed", reason: "OutOfcpu" } })],
])("[KUBE-5] has begun when it %s", (_what, pod) => {
  expect(hasBegun(pod)).toBe(true);
  expect(startProblemOf(pod, "tools:1")).toBeUndefined();
});

it("[KUBE-5] says what a pod waits for", () => {
  const conditions = [
    { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/3 nodes are available." },
  ];
  const unschedulable = podObject({ metadata, status: { phase: "Pending", conditions } });
  expect(delayOf(unschedulable)).toBe("No node takes its pod. Unschedulable: 0/3 nodes are available.");
  expect(delayOf(podWith({ waiting: { reason: "ContainerCreating" } }))).toBe(
    "Its pod task-1-x is not ready: ContainerCreating.",
  );
  expect(delayOf(podObject({ metadata }))).toBe("Its pod task-1-x is not ready: Pending.");
});
