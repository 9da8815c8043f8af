import { execFile } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

/** Runs one command on the node at a port, through `redis-cli`; rejects when Redis answers with an error. */
export async function commandNode(port: number, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("redis-cli", ["-h", "127.0.0.1", "-p", String(port), "-e", ...args]);
  return stdout.trim();
}

/** Asks again until `holds`, a failure counting as no; rejects, with what was waited for, when that takes too long. */
export async function waitUntil(what: string, holds: () => Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const lastAt = performance.now() + timeoutMs;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > lastAt) throw new Error(`It took longer than ${timeoutMs} ms until ${what}.`);
    await pause(50);
  }
}
