/**
 * Measures one thing on private servers, prints a table, and ends with code 1 when a promise is broken.
 *
 * ```
 * npm run measure -- recovery 10 30
 * ```
 *
 * @packageDocumentation
 */
import { errorMessage } from "@mayfly/service";
import { isBroken, tableOf } from "./figure.ts";
import { readRequest } from "./measurement.ts";

const request = readRequest(process.argv.slice(2));
if (typeof request === "string") {
  process.stderr.write(`${request}\n`);
  process.exitCode = 2;
} else {
  // Nothing else may keep this process alive while it waits: its clock does not.
  const alive = setInterval(() => undefined, 60_000);
  try {
    const figures = await request.measurement.run(request.numbers);
    process.stdout.write(`${tableOf(figures)}\n`);
    if (figures.some(isBroken)) process.exitCode = 1;
  } catch (error) {
    process.stderr.write(`${errorMessage(error)}\n`);
    process.exitCode = 1;
  } finally {
    clearInterval(alive);
  }
}
