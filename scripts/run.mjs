import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The root of the repository, with a slash at its end. */
export const root = fileURLToPath(new URL("../", import.meta.url));

/**
 * How a command ended.
 *
 * @typedef {object} Ending
 * @property {number} code 0 is success
 * @property {string} output both streams
 */

/** @param {number} group */
function killGroup(group) {
  try {
    if (group > 0) process.kill(-group, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

/** How long what a command has written may take to arrive once it has ended. */
const drainMs = 2_000;

const endings = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

/**
 * Runs a command in the root of the repository and gives how it ended; it does not throw for a failure.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: Readonly<Record<string, string>>, cwd?: string, timeoutMs?: number }} [options] after `timeoutMs`
 *   (10 minutes by default) the command and all that it has started are killed
 * @returns {Promise<Ending>}
 */
export async function run(command, args, { env = {}, cwd = root, timeoutMs = 600_000 } = {}) {
  const child = spawn(command, [...args], {
    cwd,
    env: { ...process.env, ...quiet, ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const group = child.pid ?? 0;
  const giveUp = () => {
    killGroup(group);
    process.exit(1);
  };
  for (const signal of endings) process.once(signal, giveUp);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  const timer = setTimeout(() => {
    output += `\n${command} ${args.join(" ")} took longer than ${timeoutMs} ms.\n`;
    killGroup(group);
  }, timeoutMs);
  /** @type {Ending} */
  const ending = await new Promise((resolve) => {
    child.once("error", (error) => resolve({ code: 127, output: `${command}: ${error.message}\n` }));
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
    // A daemon that it has left behind may hold its streams open for ever: the command has ended all the same.
    child.once("exit", (code) => setTimeout(() => resolve({ code: code ?? 1, output }), drainMs).unref());
  });
  for (const stream of [child.stdout, child.stderr]) stream.destroy();
  clearTimeout(timer);
  for (const signal of endings) process.off(signal, giveUp);
  return ending;
}

/** No tool reports home, asks for input, or colours its output. */
const quiet = {
  TURBO_TELEMETRY_DISABLED: "1",
  DO_NOT_TRACK: "1",
  npm_config_update_notifier: "false",
  npm_config_fund: "false",
  npm_config_audit: "false",
  NO_COLOR: "1",
  FORCE_COLOR: "0",
};

/** The package manager of this repository, such as `pnpm@10.0.0`, which npx fetches where it is missing. */
const packageManager = String(JSON.parse(readFileSync(`${root}package.json`, "utf8")).packageManager);

/**
 * Runs pnpm. Programs that it starts find pnpm on their PATH.
 *
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export async function pnpm(args, options) {
  // What has been fetched once is not asked for again: no step is to fail with the network that does not need it.
  return await run("npx", ["--yes", "--prefer-offline", packageManager, ...args], options);
}

/** How often an installation is tried, for a registry may be away for a moment. */
const installTries = 3;

/**
 * Repeats an installation that fails, a few times, and gives how the last one ended.
 *
 * @param {() => Promise<Ending>} install
 * @returns {Promise<Ending>}
 */
export async function installed(install) {
  let ending = await install();
  for (let tries = 1; tries < installTries && ending.code !== 0; tries++) ending = await install();
  return ending;
}
