import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Clock } from "@mayfly/service";
import { orphanGuard } from "../../orphan-guard.ts";
import { containerIdVariable, killProcessesOf } from "./container-processes.ts";
import type { ContainerLog } from "./container-log.ts";

/** What a container runs. */
export interface ContainerOptions {
  readonly id: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly log: ContainerLog;
  readonly clock: Clock;
}

/** How a container ended. */
export interface ContainerExit {
  /** 128 and the number of the signal if a signal ended it, as container runtimes report it. */
  readonly exitCode: number;
  readonly reason: "Completed" | "Error" | "OOMKilled";
}

/**
 * A command of a pod as a process of this machine, in a session of its own. There is no image and no isolation: it sees
 * this machine's files, and as it is not process 1 of a namespace, signals have their usual effect on it.
 */
export class Container {
  readonly exited: Promise<ContainerExit>;
  readonly #child: ChildProcess;
  readonly #options: ContainerOptions;
  #isOutOfMemory = false;
  #isRunning = true;

  private constructor(child: ChildProcess, pid: number, options: ContainerOptions) {
    this.#child = child;
    this.#options = options;
    orphanGuard.watch(pid);
    for (const stream of [child.stdout, child.stderr]) {
      const writer = options.log.writer();
      stream?.on("data", (chunk: Buffer) => writer.write(chunk)).on("end", () => writer.end());
    }
    child.once("exit", () => {
      this.#isRunning = false;
      // With process 1 the kernel ends all others of its namespace; only then do the streams come to their ends.
      this.#killAll(pid);
    });
    this.exited = new Promise((resolve) => {
      child.once("close", (code, signal) => {
        orphanGuard.forget(pid);
        options.log.close();
        const exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
        resolve({ exitCode, reason: this.#isOutOfMemory ? "OOMKilled" : exitCode === 0 ? "Completed" : "Error" });
      });
    });
  }

  /** Starts it. Rejects when the command cannot be run. */
  static async start(options: ContainerOptions): Promise<Container> {
    const [program = "", ...args] = options.command;
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...options.env, [containerIdVariable]: options.id },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { pid } = child;
    if (pid === undefined) throw await new Promise<Error>((resolve) => child.once("error", resolve));
    return new Container(child, pid, options);
  }

  /** Asks its first process to end, and ends all of it when that still runs after `graceMs`. A shorter one may follow. */
  stop(graceMs: number): void {
    if (!this.#isRunning) return;
    this.#child.kill("SIGTERM");
    const timer = this.#options.clock.setTimer(graceMs, () => this.kill());
    void this.exited.then(() => timer.cancel());
  }

  /** Ends all of it at once. */
  kill(): void {
    if (this.#isRunning && this.#child.pid !== undefined) this.#killAll(this.#child.pid);
  }

  /** Ends all of it as the kernel does when a container needs more memory than it may. */
  runOutOfMemory(): void {
    this.#isOutOfMemory = true;
    this.kill();
  }

  #killAll(pid: number): void {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // The group has gone already, which is what was wanted.
    }
    killProcessesOf(this.#options.id);
  }
}
