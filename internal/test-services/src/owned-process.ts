import { type ChildProcess, spawn } from "node:child_process";
import { orphanGuard } from "./orphan-guard.ts";

/** What to run. */
export interface OwnedProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Called with each piece of output, in the order in which it comes. */
  readonly onOutput?: (stream: "stdout" | "stderr", text: string) => void;
}

/** How a process ended. */
export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const keptOutput = 16_384;

/** A child process in a group of its own, which cannot outlive this process. */
export class OwnedProcess {
  readonly exited: Promise<ExitStatus>;
  readonly pid: number;
  readonly #child: ChildProcess;
  #isRunning = true;
  #output = "";

  private constructor(child: ChildProcess, pid: number, onOutput: OwnedProcessOptions["onOutput"]) {
    this.#child = child;
    this.pid = pid;
    orphanGuard.watch(pid);
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream]?.setEncoding("utf8").on("data", (text: string) => {
        this.#output = (this.#output + text).slice(-keptOutput);
        onOutput?.(stream, text);
      });
    }
    this.exited = new Promise((resolve) => {
      // "close" comes after "exit", once the output has been read to its end.
      child.once("exit", () => {
        this.#isRunning = false;
      });
      child.once("close", (code, signal) => {
        this.#signalGroup("SIGKILL");
        orphanGuard.forget(pid);
        resolve({ code, signal });
      });
    });
  }

  /** Starts it; rejects when the command cannot be run. */
  static async spawn(options: OwnedProcessOptions): Promise<OwnedProcess> {
    const child = spawn(options.command, [...options.args], {
      cwd: options.cwd,
      env: { ...options.env },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { pid } = child;
    if (pid === undefined) {
      const cause = await new Promise((resolve) => child.once("error", resolve));
      throw new Error(`The command ${options.command} could not be started.`, { cause });
    }
    return new OwnedProcess(child, pid, options.onOutput);
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** The last 16 KiB of output, both streams. */
  get output(): string {
    return this.#output;
  }

  /** Sends a signal to the process alone; does nothing once it has ended. */
  signal(signal: NodeJS.Signals): void {
    if (this.#isRunning) this.#child.kill(signal);
  }

  /** Ends the whole group at once (SIGKILL) and waits until it is gone. */
  async kill(): Promise<ExitStatus> {
    this.#signalGroup("SIGKILL");
    return await this.exited;
  }

  /** Asks it to end (SIGTERM), and kills its group when it still runs after `graceMs`. */
  async end(graceMs: number): Promise<ExitStatus> {
    this.signal("SIGTERM");
    this.signal("SIGCONT");
    const timer = setTimeout(() => this.#signalGroup("SIGKILL"), graceMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  #signalGroup(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal);
    } catch {
      // The group is gone already, which is what was wanted.
    }
  }
}
