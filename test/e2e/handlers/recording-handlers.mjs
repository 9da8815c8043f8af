// Handlers for the system tests: each writes what it does to the file that the task names, a line at a time.
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Runs for `attributes.ms`, and says that it ran. */
export async function work(task, run) {
  appendFileSync(task.attributes.file, `${task.id} ${run.attempt} ${process.pid}\n`);
  await sleep(task.attributes.ms ?? 0, undefined, { signal: run.signal });
}

/** Runs until it is told to stop, and says why it was. */
export async function wait(task, run) {
  appendFileSync(task.attributes.file, `${task.id} ${run.attempt} started ${process.pid}\n`);
  await new Promise((resolve) => run.signal.addEventListener("abort", resolve, { once: true }));
  appendFileSync(task.attributes.file, `${task.id} ${run.attempt} ${run.signal.reason.code} ${process.pid}\n`);
  throw run.signal.reason;
}
