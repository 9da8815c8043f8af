import type { Scheduled } from "@mayfly/dispatcher";

/** The HTTP status of each way in which a task is accepted. */
export const scheduledStatus = {
  scheduled: 201,
  stored: 202,
  exists: 200,
} as const satisfies Record<Scheduled["status"], number>;
