import { expect, it } from "vitest";
import { resultOf } from "../src/container-result.ts";

const ended = {
  Status: "exited",
  Running: false,
  Paused: false,
  Restarting: false,
  OOMKilled: false,
  Dead: false,
  Pid: 0,
  ExitCode: 0,
  Error: "",
  StartedAt: "2026-01-02T03:04:05.1Z",
  FinishedAt: "2026-01-02T03:04:06.1Z",
};

it.each([
  ["0", {}, { status: "complete" }],
  ["0, when a part of it ran out of memory", { OOMKilled: true }, { status: "complete" }],
  ["3", { ExitCode: 3 }, { status: "failed", reason: "failed", exitCode: 3 }],
  ["143", { ExitCode: 143 }, { status: "failed", reason: "failed", exitCode: 143, signal: "SIGTERM" }],
  ["137, out of memory", { ExitCode: 137, OOMKilled: true }, { reason: "failed", signal: "SIGKILL", oomKilled: true }],
  ["0, but its end is not known", { FinishedAt: "0001-01-01T00:00:00Z" }, { status: "failed", reason: "runtime" }],
  ["0, but an error", { Error: "shim died" }, { reason: "runtime", message: "The container c failed: shim died" }],
  ["137, while it is removed", { Status: "removing", ExitCode: 137 }, { reason: "runtime", message: /was removed/ }],
  ["137, half removed", { Status: "dead", ExitCode: 137 }, { reason: "runtime", message: /was removed/ }],
  ["0, because it never ran", { Status: "created" }, { reason: "runtime", message: /did not run/ }],
])("[DOCKER-5] reads the end from the engine's record: code %s", (_name, change, expected) => {
  const { message, ...result } = expected as { readonly message?: string | RegExp };
  const found = resultOf("c", { ...ended, ...change });
  expect(found).toMatchObject(result);
  if (message !== undefined) expect(found).toMatchObject({ message: expect.stringMatching(message) as string });
});

it.each(["running", "paused", "restarting"])("[DOCKER-5] knows no end of a container that is %s", (Status) => {
  expect(resultOf("c", { ...ended, Status })).toBeUndefined();
});
