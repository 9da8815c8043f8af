import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { installed, pnpm, root } from "./run.mjs";

const stamp = `${root}node_modules/.mayfly-installed`;

/**
 * Installs the dependencies exactly as the lockfile says; does nothing when that has been done.
 *
 * @param {(line: string) => void} report told what is about to happen
 */
export async function install(report) {
  const lockfile = createHash("sha256")
    .update(readFileSync(`${root}pnpm-lock.yaml`))
    .update(process.version)
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lockfile) return;
  report("Installing the dependencies");
  const { code, output } = await installed(() => pnpm(["install", "--frozen-lockfile"]));
  if (code !== 0) throw new Error(`The dependencies could not be installed.\n${output}`);
  writeFileSync(stamp, lockfile);
}
