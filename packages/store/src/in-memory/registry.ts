import { type Instance, type Registration, toInstant } from "@mayfly/task";
import { definedMembers } from "./defined-members.ts";

interface Entry {
  registration: Registration;
  readonly instances: Instances;
}

type Instances = Map<string, { readonly instance: Instance; readonly livesUntil: number }>;

/** The registered schedulers and their instances. */
export class Registry {
  readonly #schedulers = new Map<string, Entry>();

  register(scheduler: string, given: Registration): { readonly created: boolean; readonly registration: Registration } {
    const created = !this.#schedulers.has(scheduler);
    const entry = this.#entry(scheduler);
    entry.registration = { ...entry.registration, ...definedMembers(structuredClone(given)) };
    return { created, registration: structuredClone(entry.registration) };
  }

  find(scheduler: string): Registration | undefined {
    return structuredClone(this.#schedulers.get(scheduler)?.registration);
  }

  names(): readonly string[] {
    return [...this.#schedulers.keys()].sort();
  }

  remove(scheduler: string): boolean {
    return this.#schedulers.delete(scheduler);
  }

  /** `registration` is stored if the scheduler has none. */
  beat(
    scheduler: string,
    instance: Omit<Instance, "seenAt">,
    options: { readonly now: number; readonly ttlMs: number; readonly registration?: Registration | undefined },
  ): void {
    const { now, ttlMs, registration = {} } = options;
    if (!this.#schedulers.has(scheduler)) this.register(scheduler, registration);
    const seen = { ...instance, seenAt: toInstant(now) };
    const { instances } = this.#entry(scheduler);
    forgetDead(instances, now);
    instances.set(instance.id, { instance: seen, livesUntil: now + ttlMs });
  }

  clear(): void {
    this.#schedulers.clear();
  }

  leave(scheduler: string, instanceId: string): void {
    this.#schedulers.get(scheduler)?.instances.delete(instanceId);
  }

  /** The instances that live, oldest first. */
  instances(scheduler: string, now: number): readonly Instance[] {
    const instances = this.#schedulers.get(scheduler)?.instances;
    if (instances === undefined) return [];
    forgetDead(instances, now);
    return [...instances.values()]
      .map(({ instance }) => structuredClone(instance))
      .sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt) || (a.id < b.id ? -1 : 1));
  }

  #entry(scheduler: string): Entry {
    const entry = this.#schedulers.get(scheduler) ?? { registration: {}, instances: new Map() };
    this.#schedulers.set(scheduler, entry);
    return entry;
  }
}

function forgetDead(instances: Instances, now: number): void {
  for (const [id, { livesUntil }] of instances) if (livesUntil <= now) instances.delete(id);
}
