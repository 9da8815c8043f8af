import { describe, expect, it } from "vitest";
import { RuntimeTrial, running, sh, until } from "./runtime-trial.ts";
import { isRunning } from "./visible-processes.ts";

/** Each in a way of its own: with its parent, without it, in another session, twice forked, and deaf to SIGTERM. */
const tree = `
trap '' TERM
(trap '' TERM; while :; do sleep 0.05; done) &
setsid sh -c 'trap "" TERM; echo left >&2; while :; do sleep 0.05; done' &
(setsid sh -c '(trap "" TERM; while :; do sleep 0.05; done) & exit 0' &)
`;

describe("the processes of a run", () => {
  it("[PROC-8] are all gone when a stop has come back, wherever they went and whatever they ignore", async () => {
    await using trial = new RuntimeTrial({ main: sh(`${tree} echo up; while :; do sleep 0.05; done`) });
    const run = await trial.start();
    await Promise.all([run.said("up"), run.said("left")]);
    // Not at any moment: the fourth is just leaving its first parent, and one look may miss it.
    await until(() => running(run.task).length > 3);
    await trial.runtime.stop(run.handle, { graceMs: 50 });
    expect(running(run.task)).toEqual([]);
    expect(await run.result).toMatchObject({ status: "failed", signal: "SIGKILL" });
  });

  it("[PROC-8] have the grace to end, also when the first of them ends at once", async () => {
    const child = "(trap 'sleep 0.2; echo tidied; exit' TERM; echo up; while :; do sleep 0.05; done) &";
    const leaver = `setsid sh -c "trap 'echo followed; exit' TERM; echo away; while :; do sleep 0.05; done" &`;
    await using trial = new RuntimeTrial({ main: sh(`${child} ${leaver} sleep 1000`) });
    const run = await trial.start();
    await Promise.all([run.said("up"), run.said("away")]);
    await trial.runtime.stop(run.handle, { graceMs: 60_000 });
    expect(await run.result).toMatchObject({ status: "failed", signal: "SIGTERM" });
    expect(run.lines).toEqual(expect.arrayContaining(["tidied", "followed"]));
    expect(running(run.task)).toEqual([]);
  });

  it("[PROC-8] are forced by a second stop that has less patience", async () => {
    await using trial = new RuntimeTrial({ main: sh("trap '' TERM; echo up; while :; do sleep 0.05; done") });
    const run = await trial.start();
    await run.said("up");
    const patient = trial.runtime.stop(run.handle, { graceMs: 3_600_000 });
    await trial.runtime.stop(run.handle, { graceMs: 10 });
    await patient;
    expect(running(run.task)).toEqual([]);
  });

  it("[PROC-9] do not outlive the command, which has ended as it has", async () => {
    await using trial = new RuntimeTrial({ main: sh(`${tree} exit 0`) });
    const run = await trial.start();
    expect(await run.result).toEqual({ status: "complete" });
    expect(running(run.task)).toEqual([]);
  });

  it("[PROC-9] are not found by their environment when it is cleared, but as children of those that are", async () => {
    const hidden = "setsid env -i sh -c 'trap \"\" TERM; echo $$; while :; do sleep 0.05; done'";
    await using trial = new RuntimeTrial({ main: sh(`${hidden} & wait`) });
    const run = await trial.start();
    await run.said("");
    const pid = Number(run.lines[0]);
    expect(isRunning(pid)).toBe(true);
    await trial.runtime.stop(run.handle, { graceMs: 50 });
    expect(isRunning(pid)).toBe(false);
  });
});
