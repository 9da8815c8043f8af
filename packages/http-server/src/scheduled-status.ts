import type { Scheduled } from "@mayfly/dispatcher";

/** The HTTP status of each way in which a task is accepted. */
export const scheduledStatus: { readonly scheduled: 201; readonly stored: 202; readonly exists: 200 } & Readonly<
  Record<Scheduled["status"], number>
> = { scheduled: 201, stored: 202, exists: 200 };
