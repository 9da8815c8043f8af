import { z } from "zod";

/**
 * A moment as Mayfly reads it: ISO 8601 with `Z` or an offset (a time without a zone is refused, for it means another
 * moment on each host), turned into UTC with milliseconds, as Mayfly writes it everywhere: `2026-12-01T10:00:00.000Z`.
 */
export const instantSchema = z.iso
  .datetime({ offset: true, error: "must be an ISO 8601 time with Z or an offset, such as 2026-12-01T10:00:00Z" })
  .overwrite((text) => (Number.isNaN(Date.parse(text)) ? text : new Date(text).toISOString()))
  .refine((text) => !Number.isNaN(Date.parse(text)), "is not a time that exists");

/** Epoch milliseconds as the text of {@link instantSchema}. */
export function toInstant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/**
 * Makes the function that gives a task its timeout when its creator gives none.
 *
 * ```ts
 * const timeoutOf = defaultTimeout({ hours: 6 });
 * timeoutOf(Date.now()); // now + 6 h, an ISO string
 * ```
 */
export function defaultTimeout(after: { readonly hours: number }): (nowMs: number) => string {
  return (nowMs) => toInstant(nowMs + after.hours * 3_600_000);
}
