import { type Clock, systemClock } from "@mayfly/service";

/** How long a result waits for the last lines of its log, in milliseconds: the only wait of the runtime that is so long. */
const logDrainMs = 1_000;

/**
 * The host's clock, but that a result waits ten times as long for the last lines of its log: a machine that is busy may
 * take longer to read them than a result waits.
 */
export const patientClock: Clock = {
  ...systemClock,
  sleep: (delayMs, options) => systemClock.sleep(delayMs === logDrainMs ? 10 * logDrainMs : delayMs, options),
};
