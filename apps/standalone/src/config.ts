import { checkHost, commonVariables, httpVariables, parseEnv, runVariables, wholeNumber } from "@mayfly/app-kit";
import { schedulerNameSchema } from "@mayfly/task";
import { z } from "zod";

/** Which environment variables there are. */
export const configSchema = z.object({
  ...commonVariables,
  ...httpVariables,
  ...runVariables,
  MAYFLY_SCHEDULER: schedulerNameSchema.default("hello"),
  MAYFLY_RUNTIME: z
    .enum(["inline"], { error: "must be inline; other runtimes are for the program scheduler" })
    .default("inline"),
  MAYFLY_SWEEP_MS: wholeNumber(10).default(1_000),
});

/** The configuration of the embedded system: see `docs/operations.md`. */
export type Config = z.infer<typeof configSchema>;

/** @throws ConfigError with all that is wrong */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const config = parseEnv(configSchema, env);
  checkHost(config);
  return config;
}
