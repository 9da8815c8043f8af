import {
  commonVariables,
  connectionVariables,
  healthVariables,
  parseEnv,
  runVariables,
  unusable,
  wholeNumber,
} from "@mayfly/app-kit";
import { schedulerNameSchema } from "@mayfly/task";
import { z } from "zod";

/** Which environment variables there are. */
export const configSchema = z.object({
  ...commonVariables,
  ...connectionVariables,
  ...runVariables,
  MAYFLY_SCHEDULER: schedulerNameSchema.default("hello"),
  MAYFLY_RUNTIME: z
    .enum(["inline", "process", "docker", "kubernetes"], { error: "must be inline, process, docker or kubernetes" })
    .default("inline"),
  MAYFLY_RUNTIME_SPEC: z.string().optional(),
  MAYFLY_START_TIMEOUT_MS: wholeNumber(1_000).default(120_000),
  MAYFLY_DOCKER_HOST: z
    .string()
    .regex(/^(unix:\/\/\/.+|tcp:\/\/[^/:@]+:\d{1,5})$/, "must be unix:///<path> or tcp://<host>:<port>")
    .default("unix:///var/run/docker.sock"),
  MAYFLY_DOCKER_CERT_PATH: z.string().optional(),
  MAYFLY_KUBECONFIG: z.string().optional(),
  MAYFLY_KUBERNETES_NAMESPACE: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "must be 1 to 63 of a-z, 0-9 and -")
    .optional(),
  ...healthVariables,
});

/** The configuration of the scheduler: see `docs/operations.md`. */
export type Config = z.infer<typeof configSchema>;

/** @throws ConfigError with all that is wrong */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const config = parseEnv(configSchema, env);
  const problems = contradictions(config);
  if (problems.length > 0) throw unusable(problems);
  return config;
}

function contradictions(config: Config): readonly string[] {
  const runtime = config.MAYFLY_RUNTIME;
  const isInline = runtime === "inline";
  const hasSpec = config.MAYFLY_RUNTIME_SPEC !== undefined;
  const isRemote = config.MAYFLY_DOCKER_HOST.startsWith("tcp:");
  const hasCertificates = config.MAYFLY_DOCKER_CERT_PATH !== undefined;
  return [
    isInline && hasSpec && "MAYFLY_RUNTIME_SPEC: the runtime inline has no spec; set MAYFLY_RUNTIME, or leave it out",
    !isInline && !hasSpec && `MAYFLY_RUNTIME_SPEC: the runtime ${runtime} needs a file that says what it may run`,
    !isInline && config.MAYFLY_HANDLERS !== undefined && `MAYFLY_HANDLERS: the runtime ${runtime} has no handlers`,
    isRemote && !hasCertificates && "MAYFLY_DOCKER_CERT_PATH: an engine at tcp:// needs certificates",
    !isRemote && hasCertificates && "MAYFLY_DOCKER_CERT_PATH: certificates are for an engine at tcp:// only",
  ].filter((problem) => problem !== false);
}
