/**
 * Sample data for tests.
 *
 * @packageDocumentation
 */
import type { Task } from "./task.ts";

/** A valid task with an id of its own and a timeout one hour from now; `overrides` replace members. */
export function aTask(overrides: Partial<Task> = {}): Task {
  return {
    id: globalThis.crypto.randomUUID(),
    attributes: {},
    scheduler: "hello",
    timeout: new Date(Date.now() + 3_600_000).toISOString(),
    ...overrides,
  };
}
