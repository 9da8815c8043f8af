import { access } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type LogLine, LogReader } from "./log-reader.ts";
import { type ExitStatus, OwnedProcess } from "./owned-process.ts";

/** Which of Mayfly's programs to start, and how. */
export interface AppOptions {
  readonly app: "api" | "scheduler" | "timeout" | "standalone";
  /** The program's whole environment, apart from PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** @defaultValue the root of the repository */
  readonly cwd?: string;
}

/** How long to look for a line of log. */
export interface WaitOptions {
  /** @defaultValue 30000 */
  readonly timeoutMs?: number;
}

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** One of Mayfly's programs as a process of its own. It cannot outlive the test process. */
export class AppProcess {
  readonly #name: string;
  readonly #process: OwnedProcess;
  readonly #log: LogReader;

  private constructor(name: string, started: OwnedProcess, log: LogReader) {
    this.#name = name;
    this.#process = started;
    this.#log = log;
    void started.exited.then((status) =>
      log.end(`The app "${name}" ended (code ${status.code}, signal ${status.signal})`),
    );
  }

  /** @internal Use {@link startApp}. */
  static async start(options: AppOptions): Promise<AppProcess> {
    const main = `${root}apps/${options.app}/dist/main.js`;
    await access(main).catch((cause: unknown) => {
      throw new Error(`The app "${options.app}" is not built (${main}): run "npm run build".`, { cause });
    });
    const log = new LogReader();
    const started = await OwnedProcess.spawn({
      command: process.execPath,
      args: [main],
      env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", ...options.env },
      cwd: options.cwd ?? root,
      onOutput: (stream, text) => {
        if (stream === "stdout") log.push(text);
      },
    });
    return new AppProcess(options.app, started, log);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Resolves when the process has ended and its output is read to the end. */
  get exited(): Promise<ExitStatus> {
    return this.#process.exited;
  }

  /** The lines of JSON that it has written to its standard output so far. */
  get logs(): readonly LogLine[] {
    return this.#log.lines;
  }

  /** The last 16 KiB of both outputs as they are. */
  get output(): string {
    return this.#process.output;
  }

  /**
   * The first line of log, old or new, that the predicate accepts; a string stands for the line's `msg`.
   * Rejects with the output when the process ends before, or when it takes too long.
   */
  async waitFor(wanted: string | ((line: LogLine) => boolean), options: WaitOptions = {}): Promise<LogLine> {
    const predicate = typeof wanted === "string" ? (line: LogLine) => line["msg"] === wanted : wanted;
    const what = typeof wanted === "string" ? `the line "${wanted}"` : "the awaited line";
    try {
      return await this.#log.find(predicate, options.timeoutMs ?? 30_000);
    } catch (cause) {
      const output = `Its output:\n${this.output}`;
      throw new Error(`The app "${this.#name}" has not logged ${what}: ${String(cause)}. ${output}`, { cause });
    }
  }

  /** Sends a signal; does nothing once it has ended. */
  signal(signal: NodeJS.Signals): void {
    this.#process.signal(signal);
  }

  /** Ends it with SIGKILL. */
  async kill(): Promise<ExitStatus> {
    return await this.#process.kill();
  }

  /** Asks it to drain (SIGTERM) and kills it when it still runs after `graceMs`. */
  async end(graceMs = 30_000): Promise<ExitStatus> {
    return await this.#process.end(graceMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

/** Starts `apps/<app>/dist/main.js` and resolves as soon as it is a process; `waitFor` tells when it is ready. */
export async function startApp(options: AppOptions): Promise<AppProcess> {
  return await AppProcess.start(options);
}
