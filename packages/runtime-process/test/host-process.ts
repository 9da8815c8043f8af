import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { until } from "./runtime-trial.ts";

/** Another process, as a scheduler's would be, with the built package: build it before this is used. */
export class HostProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #output = "";

  /** @param program - a module: it has `runtime`, `start(command, id?, attempt?)` and `say(line)` */
  constructor(program: string, options: { readonly stateFolder: string; readonly commands: object }) {
    const text = `
      import { randomUUID } from "node:crypto";
      import { ProcessRuntime } from "@mayfly/runtime-process";
      const commands = ${JSON.stringify(options.commands)};
      const runtime = new ProcessRuntime({ commands }, { stateFolder: ${JSON.stringify(options.stateFolder)} });
      let lines = 0;
      const { signal } = new AbortController();
      const context = { signal, attempt: 1, number: 1, deadline: Date.now() + 600_000, log: () => lines++ };
      const start = (command, id = randomUUID(), attempt = 1) =>
        runtime.start({ id, scheduler: "a", attributes: { command } }, { ...context, attempt });
      const say = (line) => process.stdout.write(line + "\\n");
      ${program}`;
    this.#child = spawn(process.execPath, ["--input-type=module", "--eval", text], {
      cwd: fileURLToPath(new URL("../", import.meta.url)),
      env: { PATH: process.env["PATH"] ?? "" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#exited = once(this.#child, "exit");
    this.#child.stdout?.on("data", (chunk: Buffer) => (this.#output += chunk.toString()));
  }

  /** Resolves with the line that begins with `start`, without it. */
  async said(start: string, patienceMs?: number): Promise<string> {
    const find = (): string | undefined => this.#output.split("\n").find((line) => line.startsWith(start));
    await until(() => find() !== undefined || this.#child.exitCode !== null, patienceMs);
    return (find() ?? "").slice(start.length);
  }

  /** Ends it without a chance to clean up. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
