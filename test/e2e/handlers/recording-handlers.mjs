// Handlers for the system tests: each writes what it does to the file that the task names, a line at a time.
import { appendFileSync, existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Runs for `attributes.ms`, and says that it ran.
 *
 * @type {import("@mayfly/runtime").Handler}
 */
export const work = async (task, run) => {
  record(task, `${task.id} ${run.attempt} ${process.pid}`);
  await sleep(Number(task.attributes["ms"] ?? 0), undefined, { signal: run.signal });
  return "worked";
};

/**
 * Says that it ran, and runs until the test lets it end: see `Journal.release`.
 *
 * @type {import("@mayfly/runtime").Handler}
 */
export const hold = async (task, run) => {
  record(task, `${task.id} ${run.attempt} ${process.pid}`);
  while (!existsSync(`${fileOf(task)}.released`)) await sleep(100, undefined, { signal: run.signal });
  return "held";
};

/**
 * Runs until it is told to stop, and says why it was.
 *
 * @type {import("@mayfly/runtime").Handler}
 */
export const wait = async (task, run) => {
  record(task, `${task.id} ${run.attempt} started ${process.pid}`);
  await new Promise((resolve) => {
    run.signal.addEventListener("abort", resolve, { once: true });
  });
  const reason = /** @type {import("@mayfly/runtime").StopReason} */ (run.signal.reason);
  record(task, `${task.id} ${run.attempt} ${reason.code} ${process.pid}`);
  throw reason;
};

/**
 * Says in the log of its task what it does, until it is told to stop, and why it was.
 *
 * @type {import("@mayfly/runtime").Handler}
 */
export const say = async (_task, run) => {
  run.log(`begun by ${process.pid}`);
  await new Promise((resolve) => {
    run.signal.addEventListener("abort", resolve, { once: true });
  });
  const reason = /** @type {import("@mayfly/runtime").StopReason} */ (run.signal.reason);
  run.log(`told to stop: ${reason.code}`);
  return reason.code;
};

/**
 * Says `attributes.lines` lines of 1,000 bytes, a hundred in each turn of the event loop.
 *
 * @type {import("@mayfly/runtime").Handler}
 */
export const flood = async (task, run) => {
  const lines = Number(task.attributes["lines"]);
  for (let line = 0; line < lines; line++) {
    run.log("x".repeat(999));
    if (line % 100 === 99) await new Promise(setImmediate);
  }
  return lines;
};

/**
 * @param {import("@mayfly/task").Task} task
 * @param {string} line
 */
function record(task, line) {
  appendFileSync(fileOf(task), `${line}\n`);
}

/**
 * The journal of a test.
 *
 * @param {import("@mayfly/task").Task} task
 */
function fileOf(task) {
  const { file } = task.attributes;
  if (typeof file !== "string") throw new Error("The task names no file.");
  return file;
}
