import { type Announcement, type Task, taskSchema } from "@mayfly/task";

/** The task of an announcement, or undefined when it cannot be one for the scheduler `name`. */
export function readTask(announcement: Announcement, name: string): Task | undefined {
  let body: unknown;
  try {
    body = JSON.parse(announcement.body);
  } catch {
    return undefined;
  }
  const read = taskSchema.safeParse(body);
  return read.success && read.data.id === announcement.id && read.data.scheduler === name ? read.data : undefined;
}
