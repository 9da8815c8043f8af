import { z } from "zod";
import { crashPointVariable } from "./armed-crash-point.ts";

/** A configuration that cannot be used; its message names every problem, one a line. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Reads an app's configuration from environment variables; those that are not in the schema are left alone, and an
 * empty one counts as unset.
 *
 * @throws ConfigError with all that is wrong, never with a variable's value
 */
export function parseEnv<T>(schema: z.ZodType<T>, env: Readonly<Record<string, string | undefined>>): T {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw unusable(parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`));
}

/** The error of a configuration with `problems`: each begins with the name of its variable. */
export function unusable(problems: readonly string[], options?: ErrorOptions): ConfigError {
  return new ConfigError(
    `The configuration cannot be used:\n${problems.map((text) => `  ${text}`).join("\n")}`,
    options,
  );
}

/** A whole number of at least `min`. */
export function wholeNumber(min: number, max: number = Number.MAX_SAFE_INTEGER): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,15}$/, "must be a whole number")
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be from ${min} to ${max}`);
}

/** `true` or `false`. */
export const flag: z.ZodType<boolean, string> = z
  .enum(["true", "false"], { error: "must be true or false" })
  .transform((text) => text === "true");

function urlList(protocols: readonly string[]): z.ZodType<string, string> {
  return z
    .string()
    .refine(
      (text) =>
        text.split(",").every((url) => URL.canParse(url.trim()) && protocols.includes(new URL(url.trim()).protocol)),
      `must be one or more URLs of ${protocols.join(" or ")}, comma-separated`,
    );
}

/** What every app reads. */
export const commonVariables = {
  MAYFLY_LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
  MAYFLY_SHUTDOWN_GRACE_MS: wholeNumber(0).default(25_000),
  MAYFLY_CRASH_POINT: crashPointVariable.optional(),
};

/** What an app on real services reads besides. */
export const connectionVariables = {
  MAYFLY_REDIS_URL: urlList(["redis:", "rediss:"]).default("redis://127.0.0.1:6379"),
  MAYFLY_AMQP_URL: urlList(["amqp:", "amqps:"]).default("amqp://127.0.0.1:5672"),
  MAYFLY_PREFIX: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, "must be 1 to 63 of a-z, 0-9, dot, underscore and hyphen")
    .default("mayfly"),
  MAYFLY_PRODUCTION: flag.default(false),
  MAYFLY_SHARDS: wholeNumber(1, 1_024).optional(),
};

/** What an app that runs tasks reads besides. */
export const runVariables = {
  MAYFLY_SCHEDULER: z.string().default("hello"),
  MAYFLY_CONCURRENCY: wholeNumber(1, 10_000).default(8),
  MAYFLY_HANDLERS: z.string().optional(),
  MAYFLY_LEASE_MS: wholeNumber(1_000).default(30_000),
  MAYFLY_HOLD_MS: wholeNumber(1_000).default(60_000),
  MAYFLY_MAX_ATTEMPTS: wholeNumber(1, 1_000).default(3),
  MAYFLY_RETRY_BACKOFF_MS: wholeNumber(1).optional(),
  MAYFLY_STOP_GRACE_MS: wholeNumber(0).default(10_000),
};

/** What an app without an HTTP API reads besides, to tell of its health. */
export const healthVariables = {
  MAYFLY_HEALTH_HOST: z.string().default("127.0.0.1"),
  MAYFLY_HEALTH_PORT: wholeNumber(0, 65_535).optional(),
};

/** What an app that answers HTTP reads besides. */
export const httpVariables = {
  MAYFLY_HOST: z.string().default("127.0.0.1"),
  MAYFLY_PORT: wholeNumber(0, 65_535).default(8_700),
  MAYFLY_INSECURE: flag.default(false),
  MAYFLY_RETENTION_MS: wholeNumber(1_000).default(3_600_000),
  MAYFLY_MAX_TIMEOUT_MS: wholeNumber(1_000).default(7 * 24 * 3_600_000),
};

/**
 * Refuses to answer HTTP where others can reach it: there are no tokens yet, so whoever reaches it may do anything.
 *
 * @throws ConfigError
 */
export function checkHost(config: { readonly MAYFLY_HOST: string; readonly MAYFLY_INSECURE: boolean }): void {
  const isLoopback = /^(127(\.\d{1,3}){3}|::1|localhost)$/.test(config.MAYFLY_HOST);
  if (isLoopback || config.MAYFLY_INSECURE) return;
  throw unusable([
    `MAYFLY_HOST: ${config.MAYFLY_HOST} is no loopback address, and the API asks for no credentials. Put a proxy that does before it and set MAYFLY_INSECURE=true, or use 127.0.0.1`,
  ]);
}

/** A URL, or a comma-separated list of them, without its credentials: for logs. */
export function withoutCredentials(urls: string): string {
  return urls
    .split(",")
    .map((text) => {
      const url = new URL(text.trim());
      url.username = "";
      url.password = "";
      return url.href;
    })
    .join(",");
}
