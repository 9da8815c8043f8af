import { expect, it } from "vitest";
import { jobObject, type RawCondition } from "../src/job-object.ts";
import { goneResult, resultOf } from "../src/job-result.ts";
import { podObject, type RawPod } from "../src/pod-object.ts";

const metadata = { name: "task-1", uid: "u", resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" };

function jobThat(...conditions: readonly RawCondition[]): ReturnType<typeof jobObject> {
  return jobObject({ metadata, status: { conditions } });
}

const failed = jobThat({ type: "Failed", status: "True", reason: "BackoffLimitExceeded" });

type Terminated = { readonly exitCode: number; readonly reason?: string; readonly message?: string };

function podThat(terminated: Terminated, change: RawPod["status"] = {}, deletionTimestamp?: string): RawPod {
  return {
    metadata: { ...metadata, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
    status: { phase: "Failed", containerStatuses: [{ name: "task", state: { terminated } }], ...change },
  };
}

function resultWith(...pods: readonly RawPod[]): ReturnType<typeof resultOf> {
  if (failed.end === undefined) throw new Error("The Job has not ended.");
  return resultOf(failed, failed.end, pods.map(podObject));
}

it.each([
  ["nothing", []],
  ["that it may fail soon", [{ type: "FailureTarget", status: "True" }]],
  ["that it may complete soon", [{ type: "SuccessCriteriaMet", status: "True" }]],
  ["that it has not failed", [{ type: "Failed", status: "False" }]],
  ["that it is held up", [{ type: "Suspended", status: "True" }]],
])("[KUBE-4] takes no Job for ended that says %s", (_what, conditions) =>
  expect(jobThat(...conditions).end).toBeUndefined(),
);

it("[KUBE-4] is complete when the Job is, whatever is left of its pod", () => {
  const job = jobThat({ type: "SuccessCriteriaMet", status: "True" }, { type: "Complete", status: "True" });
  expect(job.end && resultOf(job, job.end, [])).toEqual({ status: "complete" });
});

it.each([
  [
    { exitCode: 3, reason: "Error" },
    { exitCode: 3, message: "The work ended with code 3." },
  ],
  [
    { exitCode: 143, reason: "Error" },
    { exitCode: 143, signal: "SIGTERM", message: "The work ended by SIGTERM." },
  ],
  [
    { exitCode: 255, reason: "Error" },
    { exitCode: 255, message: "The work ended with code 255." },
  ],
  [
    { exitCode: 137, reason: "OOMKilled" },
    {
      exitCode: 137,
      signal: "SIGKILL",
      oomKilled: true,
      message: "The work ran out of memory and ended by SIGKILL.",
    },
  ],
])("[KUBE-4] says of a container that ended with %j how it ended", (terminated, expected) => {
  expect(resultWith(podThat(terminated))).toEqual({ status: "failed", reason: "failed", ...expected });
});

it.each([
  [
    "a node that is full",
    podThat({ exitCode: 137 }, { reason: "Evicted", message: "The node was low on resource: memory." }),
    "The pod task-1 was given up by its node. Evicted: The node was low on resource: memory.",
  ],
  [
    "a node that would not take it",
    { metadata, status: { phase: "Failed", reason: "OutOfcpu", message: "Not enough." } },
    "The pod task-1 was given up by its node. OutOfcpu: Not enough.",
  ],
  [
    "a pod of more weight",
    podThat(
      { exitCode: 143 },
      { conditions: [{ type: "DisruptionTarget", status: "True", reason: "PreemptionByScheduler" }] },
    ),
    "The pod task-1 was ended by the cluster. PreemptionByScheduler",
  ],
  [
    "a command that the image lacks",
    podThat({ exitCode: 128, reason: "StartError", message: "no such file" }),
    "The pod task-1 could not start its command. StartError: no such file",
  ],
  [
    "a node that has lost a container",
    podThat({ exitCode: 137, reason: "ContainerStatusUnknown" }),
    "The node of the pod task-1 does not know how it ended.",
  ],
  [
    "a container engine that has lost a container",
    podThat({ exitCode: 255, reason: "Unknown" }),
    "The node of the pod task-1 does not know how it ended.",
  ],
  ["nobody knows what", { metadata, status: { phase: "Failed" } }, "The pod task-1 has failed and does not say how."],
])("[KUBE-4] blames the infrastructure for %s", (_what, pod, message) => {
  expect(resultWith(pod)).toEqual({ status: "failed", reason: "runtime", message });
});

it("[KUBE-4] says the same of a pod that is being removed and of one that is gone", () => {
  const leaving = podThat({ exitCode: 143, reason: "Error" }, {}, "2026-01-01T00:00:01Z");
  expect(resultWith(leaving)).toEqual(resultWith());
  expect(resultWith()).toMatchObject({ status: "failed", reason: "runtime" });
});

it("[KUBE-4] says that work ran into its deadline, whatever is left of its pod", () => {
  const job = jobThat({ type: "Failed", status: "True", reason: "DeadlineExceeded" });
  expect(job.end && resultOf(job, job.end, [])).toMatchObject({ status: "failed", reason: "failed" });
  const pod = podThat({ exitCode: 143 }, { reason: "DeadlineExceeded" });
  expect(resultWith(pod)).toMatchObject({ status: "failed", reason: "failed" });
});

it("[KUBE-4] says of a Job that was removed that it is gone", () => {
  const message = "The Job task-1 is gone: it was removed before its end was read.";
  expect(goneResult("task-1")).toEqual({ status: "failed", reason: "runtime", message });
});
