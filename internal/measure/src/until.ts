import { systemClock } from "@mayfly/service";

/** How to wait. */
export interface UntilOptions {
  /** @defaultValue 60000 */
  readonly limitMs?: number;
  /** How often to look, in milliseconds. @defaultValue 25 */
  readonly everyMs?: number;
}

/** Looks again and again until `condition` holds; one that throws does not hold yet. @throws Error after the limit */
export async function until(
  condition: () => Promise<boolean>,
  what: string,
  { limitMs = 60_000, everyMs = 25 }: UntilOptions = {},
): Promise<void> {
  const endMs = systemClock.monotonicMs() + limitMs;
  while (!(await condition().catch(() => false))) {
    if (systemClock.monotonicMs() > endMs) throw new Error(`It did not come true within ${limitMs} ms that ${what}.`);
    await systemClock.sleep(everyMs);
  }
}
