import { commonVariables, connectionVariables, healthVariables, parseEnv, wholeNumber } from "@mayfly/app-kit";
import { z } from "zod";

/** Which environment variables there are. */
export const configSchema = z.object({
  ...commonVariables,
  ...connectionVariables,
  MAYFLY_SWEEP_MS: wholeNumber(10).default(1_000),
  MAYFLY_LEASE_MS: wholeNumber(1_000).default(30_000),
  MAYFLY_REANNOUNCE_MS: wholeNumber(1_000).default(600_000),
  ...healthVariables,
});

/** The configuration of the timeout daemon: see `docs/operations.md`. */
export type Config = z.infer<typeof configSchema>;

/** @throws ConfigError with all that is wrong */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  return parseEnv(configSchema, env);
}
