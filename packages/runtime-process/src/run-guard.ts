import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { markVariable } from "./process-table.ts";

/**
 * Waits for a line. When its input ends without one, the process that started the run has died: then it kills the group
 * (`$1`), and what has left the group by the mark (`$2`).
 */
const script = `
trap '' TERM INT HUP
read -r line && exit 0
kill -KILL -- "-$1"
for file in $(grep -lzsx "${markVariable}=$2" /proc/[0-9]*/environ); do
  pid=\${file#/proc/}
  kill -KILL "\${pid%/environ}"
done
`;

/**
 * A shell that outlives this process for as long as it takes to kill a run: however this process dies, nothing of the
 * run goes on while the task is given to another.
 */
export class RunGuard {
  readonly #shell: ChildProcessByStdio<Writable, null, null>;
  readonly #ended: Promise<void>;

  /** @param pid - the number of the run's group */
  constructor(pid: number, mark: string, onError: (error: unknown) => void) {
    const env = { PATH: "/usr/bin:/bin" };
    const args = ["-c", script, "mayfly-run-guard", String(pid), mark];
    this.#shell = spawn("/bin/sh", args, { cwd: "/", env, detached: true, stdio: ["pipe", "ignore", "ignore"] });
    this.#shell.stdin?.on("error", () => undefined);
    this.#ended = new Promise((resolve) => {
      this.#shell.once("exit", () => resolve());
      this.#shell.once("error", (error) => {
        onError(error);
        resolve();
      });
    });
  }

  /** Ends the guard: there is nothing left to kill. */
  async release(): Promise<void> {
    this.#shell.stdin?.end("\n");
    await this.#ended;
  }
}
