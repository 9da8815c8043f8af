import { checkHost, commonVariables, connectionVariables, httpVariables, parseEnv } from "@mayfly/app-kit";
import { z } from "zod";

/** Which environment variables there are. */
export const configSchema = z.object({ ...commonVariables, ...connectionVariables, ...httpVariables });

/** The configuration of the API: see `docs/operations.md`. */
export type Config = z.infer<typeof configSchema>;

/** @throws ConfigError with all that is wrong */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const config = parseEnv(configSchema, env);
  checkHost(config);
  return config;
}
