/**
 * What every Mayfly package shares and no domain: {@link Clock}, {@link Logger}, {@link Service}.
 *
 * ```ts
 * await systemClock.sleep(100, { signal });
 * ```
 *
 * @packageDocumentation
 */
export { fullJitterMs } from "./backoff.ts";
export { type Clock, sleepOn, systemClock, type Timer } from "./clock.ts";
export { type CrashPoint, crashPoint, crashPointChannel } from "./crash-point.ts";
export { errorMessage, type Logger, type LogMethod, silentLogger } from "./logger.ts";
export { Lifecycle, type Service } from "./service.ts";
