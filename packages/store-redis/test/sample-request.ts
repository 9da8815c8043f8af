import { randomUUID } from "node:crypto";
import { type ClaimRequest, contentHash, type Owner, type ScheduleRequest, type TaskStore } from "@mayfly/store";
import type { Task } from "@mayfly/task";
import { aTask } from "@mayfly/task/testing";

/** A request for a task that is valid for an hour. */
export function aScheduleRequest(task: Partial<Task> = {}, overrides: Partial<ScheduleRequest> = {}): ScheduleRequest {
  const whole = aTask(task);
  return {
    task: whole,
    body: JSON.stringify(whole),
    contentHash: contentHash(whole),
    timeoutGiven: true,
    maxTimeoutMs: 7_200_000,
    retentionMs: 60_000,
    announceToken: randomUUID(),
    ...overrides,
  };
}

/** A claim of the task of a request. */
export function aClaimRequest(
  { task, body, announceToken, contentHash }: ScheduleRequest,
  overrides: Partial<ClaimRequest> = {},
): ClaimRequest {
  const { id, scheduler } = task;
  return {
    announcement: { id, scheduler, body, token: announceToken, scheduledAt: 0, attempt: 0 },
    contentHash,
    timeout: Date.parse(task.timeout),
    token: randomUUID(),
    instance: "hello@host:1:aaaaaa",
    leaseMs: 60_000,
    maxAttempts: 3,
    ...overrides,
  };
}

/** Schedules a task and claims it. */
export async function runTask(store: TaskStore, request: ScheduleRequest = aScheduleRequest()): Promise<Owner> {
  await store.schedule(request);
  const claim = aClaimRequest(request);
  const answer = await store.claim(claim);
  if (answer.answer !== "granted") throw new Error(`claim answered ${answer.answer}`);
  return { id: request.task.id, attempt: answer.attempt, token: claim.token, scheduledAt: 0 };
}
