import { type ClaimRequest, contentHash, type Granted, type Owner, type OwnerCopy } from "@mayfly/store";
import type { Announcement, Task } from "@mayfly/task";
import type { Step } from "./steps.ts";

/** A message as it was published last: it outlives a wipe of the store. Its token is a matter of each store. */
interface Message {
  readonly announcement: Omit<Announcement, "token">;
  readonly contentHash: string;
  readonly timeout: number;
}

/** When the time of every model begins. */
export const startMs: number = Date.UTC(2030, 0, 1);

/** What messages and owners know, the same for both stores. */
export class ModelHistory {
  readonly #messages = new Map<string, Message>();
  readonly #claims = new Map<string, ClaimRequest>();
  readonly #owners: Owner[] = [];
  readonly #copies = new Map<string, OwnerCopy>();
  #tokens = 0;

  /** A task was accepted. */
  accepted(task: Task, announcement: Announcement): void {
    this.#messages.set(task.id, {
      announcement,
      contentHash: contentHash(task),
      timeout: Date.parse(task.timeout),
    });
  }

  /** A task was announced anew. */
  announced(announcement: Announcement): void {
    const message = this.#messages.get(announcement.id);
    if (message !== undefined) this.#messages.set(announcement.id, { ...message, announcement });
  }

  /** When the task of the latest message was scheduled, if there was one. */
  scheduledAt(id: string): number | undefined {
    return this.#messages.get(id)?.announcement.scheduledAt;
  }

  /** A new claim of a task, or the latest once more. */
  nextClaim({ id, isRepeat, leaseMs, maxAttempts }: Extract<Step, { do: "claim" }>): ClaimRequest {
    const earlier = this.#claims.get(id);
    if (isRepeat && earlier !== undefined) return earlier;
    const { announcement, ...message } = this.#messages.get(id) ?? unknownMessage(id);
    const request = {
      announcement: { ...announcement, token: "" },
      ...message,
      token: `claim-${this.#tokens++}`,
      instance: "a@host:1",
      leaseMs,
      maxAttempts,
    };
    this.#claims.set(id, request);
    return request;
  }

  latestClaim(id: string): ClaimRequest | undefined {
    return this.#claims.get(id);
  }

  granted(request: ClaimRequest, { attempt, run, failures, retentionMs }: Granted): void {
    const { announcement, token, contentHash, timeout, instance, leaseMs, maxAttempts } = request;
    const { id, scheduler, body, scheduledAt } = announcement;
    const owner = { id, attempt, token, scheduledAt };
    this.#owners.push(owner);
    const asGranted = { owner, scheduler, body, contentHash, timeout, instance, leaseMs, maxAttempts };
    this.#copies.set(token, { ...asGranted, run, failures, retentionMs, runningForMs: 0 });
  }

  /** The latest owner of a task, one before it, or (before any) nobody's. */
  owner({ id, back }: { readonly id: string; readonly back: number }): Owner {
    const own = this.#owners.filter((owner) => owner.id === id);
    return own.at(-1 - back) ?? { id, attempt: 1, token: "nobody's", scheduledAt: startMs };
  }

  /** The last owners of all tasks. */
  get lastOwners(): readonly Owner[] {
    return this.#owners.slice(-100);
  }

  /** What an owner knows of its task; undefined for nobody. */
  copyOf(owner: Owner): OwnerCopy | undefined {
    return this.#copies.get(owner.token);
  }
}

/** One of a task that nobody has scheduled. It is as old as the store, so that it counts as lost. */
function unknownMessage(id: string): Message {
  const timeout = startMs + 300_000;
  const task = { id, scheduler: "a", attributes: {}, timeout: new Date(timeout).toISOString() };
  const announcement = { id, scheduler: "a", body: JSON.stringify(task), scheduledAt: startMs, attempt: 0 };
  return { announcement, contentHash: contentHash(task), timeout };
}
