import { commonVariables, connectionVariables, healthVariables, parseEnv, runVariables } from "@mayfly/app-kit";
import { schedulerNameSchema } from "@mayfly/task";
import { z } from "zod";

/** Which environment variables there are. */
export const configSchema = z.object({
  ...commonVariables,
  ...connectionVariables,
  ...runVariables,
  MAYFLY_SCHEDULER: schedulerNameSchema.default("hello"),
  ...healthVariables,
});

/** The configuration of the scheduler: see `docs/operations.md`. */
export type Config = z.infer<typeof configSchema>;

/** @throws ConfigError with all that is wrong */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  return parseEnv(configSchema, env);
}
