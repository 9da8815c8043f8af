import type { Clock } from "@mayfly/service";

/** A time as the API server writes it: RFC 3339, whole seconds. */
export function apiTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}

/** The present time as the API server writes it. */
export function apiNow(clock: Clock): string {
  return apiTime(clock.now());
}
