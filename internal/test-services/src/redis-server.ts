import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { orphanGuard } from "./orphan-guard.ts";
import { OwnedProcess } from "./owned-process.ts";
import { Readiness } from "./readiness.ts";

/** How a private Redis server is started; everything has a default. */
export interface RedisOptions {
  /** @defaultValue a free port */
  readonly port?: number;
  /** The data folder, which is then kept by `remove()`. @defaultValue a new temporary folder */
  readonly dir?: string;
  /** Whether the data survive `stop`, `kill` and `restart`. @defaultValue true */
  readonly appendonly?: boolean;
  /** More options of `redis-server`, such as `["--cluster-enabled", "yes"]`. */
  readonly extraArgs?: readonly string[];
}

interface RedisSettings {
  readonly port: number;
  readonly dir: string;
  readonly keepsDir: boolean;
  readonly args: readonly string[];
}

/**
 * A private `redis-server` process. `stop` and `kill` leave its data, so that `restart` brings it back on the
 * same port; `remove` (or `await using`) ends it and deletes them.
 */
export class RedisServer {
  readonly #settings: RedisSettings;
  #process: OwnedProcess;

  private constructor(settings: RedisSettings, started: OwnedProcess) {
    this.#settings = settings;
    this.#process = started;
  }

  /** @internal Use {@link startRedis}. */
  static async start(options: RedisOptions): Promise<RedisServer> {
    const port = options.port ?? (await freePort());
    const dir = options.dir ?? (await mkdtemp(join(tmpdir(), "mayfly-redis-")));
    if (options.dir === undefined) orphanGuard.removeAtEnd(dir);
    await mkdir(dir, { recursive: true });
    const persistence = (options.appendonly ?? true) ? "yes" : "no";
    const place = ["--port", String(port), "--bind", "127.0.0.1", "--dir", dir, "--daemonize", "no"];
    const behaviour = ["--save", "", "--appendonly", persistence, "--enable-debug-command", "local"];
    const args = [...place, ...behaviour, ...(options.extraArgs ?? [])];
    const settings = { port, dir, keepsDir: options.dir !== undefined, args };
    return new RedisServer(settings, await launch(settings));
  }

  get port(): number {
    return this.#settings.port;
  }

  get dir(): string {
    return this.#settings.dir;
  }

  /** `redis://127.0.0.1:<port>` */
  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** The id of the process that runs now, or that ran last. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Ends it in order; its data stay. A second call does nothing. */
  async stop(): Promise<void> {
    if (this.#process.isRunning) await this.#process.end(5_000);
  }

  /** Ends it with SIGKILL; what was acknowledged stays, unless `appendonly` is false. */
  async kill(): Promise<void> {
    await this.#process.kill();
  }

  /** Stops it, if it runs, and starts it again on the same port and data. */
  async restart(): Promise<void> {
    await this.stop();
    this.#process = await launch(this.#settings);
  }

  /** Freezes it (SIGSTOP): connections stay open and nothing answers. */
  pause(): void {
    this.#process.signal("SIGSTOP");
  }

  /** Lets it go on after `pause`. */
  resume(): void {
    this.#process.signal("SIGCONT");
  }

  /** Ends it and deletes its folder, unless the folder was given. */
  async remove(): Promise<void> {
    await this.#process.kill();
    if (!this.#settings.keepsDir) await rm(this.dir, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove();
  }
}

/** Starts a private Redis server on 127.0.0.1 and resolves once it accepts connections (50 ms). */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  return await RedisServer.start(options);
}

async function launch(settings: RedisSettings): Promise<OwnedProcess> {
  const readiness = new Readiness(/Ready to accept connections/);
  const started = await OwnedProcess.spawn({
    command: "redis-server",
    args: settings.args,
    env: { PATH: process.env["PATH"] ?? "" },
    cwd: settings.dir,
    onOutput: (_stream, text) => readiness.push(text),
  });
  await readiness.of(`redis-server on port ${settings.port}`, started, 20_000);
  return started;
}
