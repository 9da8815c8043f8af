/**
 * What the reference apps share: configuration from the environment, logs, signals, health, example handlers. Private:
 * it reads `process.env` and ends the process, which no library may do.
 *
 * ```ts
 * await runApp({ name: "api", parseConfig, build });
 * ```
 *
 * @packageDocumentation
 */
export { type App, type CommonConfig, runApp } from "./run-app.ts";
export {
  checkHost,
  commonVariables,
  ConfigError,
  connectionVariables,
  flag,
  healthVariables,
  httpVariables,
  parseEnv,
  runVariables,
  unusable,
  wholeNumber,
  withoutCredentials,
} from "./env.ts";
export { exampleHandlers } from "./example-handlers.ts";
export { HealthServer } from "./health-server.ts";
export { loadHandlers } from "./load-handlers.ts";
