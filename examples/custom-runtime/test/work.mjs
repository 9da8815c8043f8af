import { getEnvironmentData, parentPort, workerData } from "node:worker_threads";

/** @type {{ does: string, slot: number, value?: unknown, message?: string }} */
const { does, slot, value, message } = workerData.attributes;
const timesBegun = new Int32Array(/** @type {SharedArrayBuffer} */ (getEnvironmentData("timesBegun")));

Atomics.add(timesBegun, slot, 1);
if (does === "complete") parentPort?.postMessage({ value });
if (does === "fail") throw new Error(message);
// A thread ends when nothing keeps it: one that listens is kept until the first message, one with an interval for good.
if (does === "slow") parentPort?.once("message", () => undefined);
if (does === "stubborn") setInterval(() => undefined, 1_000);
