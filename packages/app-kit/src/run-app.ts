import { errorMessage, type Logger } from "@mayfly/service";
import { pino } from "pino";
import { type ArmedCrashPoint, armCrashPoint, killThisProcess } from "./armed-crash-point.ts";
import { ConfigError } from "./env.ts";

/** Something that a process is for. */
export interface App {
  /** Resolves when the app does its work; may be cut short by `stop`, and then rejects. */
  start(): Promise<void>;
  /** Drains within `graceMs` milliseconds; resolves when nothing is left running. */
  stop(options: { readonly graceMs: number }): Promise<void>;
}

/** What {@link runApp} needs to know of every app's configuration. */
export interface CommonConfig {
  readonly MAYFLY_LOG_LEVEL: string;
  readonly MAYFLY_SHUTDOWN_GRACE_MS: number;
  readonly MAYFLY_CRASH_POINT?: ArmedCrashPoint | undefined;
}

/**
 * Runs an app for the life of this process: a line of JSON for each event on stdout; SIGTERM or SIGINT drains and exits
 * with 0, a second one exits at once; a bad configuration, or a start that fails, exits with 1 and one clear message.
 */
export async function runApp<Config extends CommonConfig>(options: {
  readonly name: string;
  readonly parseConfig: (env: NodeJS.ProcessEnv) => Config;
  readonly build: (config: Config, logger: Logger) => App | Promise<App>;
}): Promise<void> {
  let config: Config;
  try {
    config = options.parseConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
    return;
  }
  const logger = pino({ name: options.name, level: config.MAYFLY_LOG_LEVEL, base: { pid: process.pid } });
  if (config.MAYFLY_CRASH_POINT !== undefined) {
    logger.warn({ ...config.MAYFLY_CRASH_POINT }, "this process will kill itself at a crash point");
    armCrashPoint(config.MAYFLY_CRASH_POINT, killThisProcess);
  }
  let app: App | undefined;
  let isStopping = false;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (isStopping) process.exit(1);
    isStopping = true;
    logger.info({ signal }, "stopping");
    try {
      await app?.stop({ graceMs: config.MAYFLY_SHUTDOWN_GRACE_MS });
    } catch (error) {
      logger.error({ error: errorMessage(error) }, "could not stop");
      process.exit(1);
    }
    logger.info({}, "stopped");
    // A handler that ignores its signal would keep the process alive; its task has been given back.
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop(signal));
  try {
    app = await options.build(config, logger);
    await app.start();
    logger.info({}, "started");
  } catch (error) {
    if (isStopping) return;
    logger.error({ error: errorMessage(error) }, "could not start");
    process.stderr.write(`${errorMessage(error)}\n`);
    process.exit(1);
  }
}
