/**
 * `npm start`: from a fresh clone to a running Mayfly with nothing but Node. Installs and builds what is
 * missing, then runs the whole system in one process until it is told to stop.
 */
import { spawn } from "node:child_process";
import { build } from "./build.mjs";
import { install } from "./install.mjs";
import { root } from "./run.mjs";

/** @param {string} line */
const report = (line) => console.log(`mayfly: ${line} …`);

try {
  await install(report);
  report("Building");
  await build(["@mayfly/app-standalone"]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

const app = spawn(process.execPath, [`${root}apps/standalone/dist/main.js`, ...process.argv.slice(2)], {
  stdio: "inherit",
});
// Ctrl+C reaches the app by itself; what comes to this process alone is passed on. Either way the app drains.
process.on("SIGINT", () => {});
for (const signal of /** @type {const} */ (["SIGTERM", "SIGHUP"])) process.on(signal, () => app.kill(signal));
app.once("exit", (code, signal) => {
  process.exitCode = code ?? (signal === "SIGINT" || signal === "SIGTERM" ? 0 : 1);
});
