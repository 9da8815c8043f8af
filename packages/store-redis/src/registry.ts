import { type Instance, type Registration, toInstant } from "@mayfly/task";
import type { Keys } from "./keys.ts";
import type { RedisConnection } from "./redis-connection.ts";
import {
  beatInstance,
  delistScheduler,
  enlistScheduler,
  findRegistration,
  leaveInstance,
  listInstances,
  listSchedulers,
  registerScheduler,
  removeRegistration,
} from "./scripts.generated.ts";

/** Options of {@link Registry}. */
export interface RegistryOptions {
  readonly connection: RedisConnection;
  readonly keys: Keys;
}

/**
 * The registered schedulers and their instances: the methods of TaskStore by the same names. The names are in a slot of
 * their own, so a name is written before what it stands for, and taken away after it.
 */
export class Registry {
  readonly #connection: RedisConnection;
  readonly #keys: Keys;

  constructor(options: RegistryOptions) {
    this.#connection = options.connection;
    this.#keys = options.keys;
  }

  async register(
    scheduler: string,
    given: Registration,
  ): Promise<{ readonly created: boolean; readonly registration: Registration }> {
    await this.#connection.run(enlistScheduler, [this.#keys.schedulers], [scheduler]);
    const answer = (await this.#connection.run(
      registerScheduler,
      this.#keys.scheduler(scheduler),
      fieldsOf(given),
    )) as readonly [number, ...string[]];
    const [created, ...stored] = answer;
    return { created: created === 1, registration: registrationOf(stored) };
  }

  async find(scheduler: string): Promise<Registration | undefined> {
    const fields = (await this.#connection.run(
      findRegistration,
      this.#keys.scheduler(scheduler),
      [],
    )) as readonly string[];
    return fields.length === 0 ? undefined : registrationOf(fields);
  }

  async names(): Promise<readonly string[]> {
    return ((await this.#connection.run(listSchedulers, [this.#keys.schedulers], [])) as string[]).sort();
  }

  /** Removes a registration unless instances live; whether tasks live is the caller's to know. */
  async remove(scheduler: string): Promise<"removed" | "unknown" | "busy"> {
    const [answer] = (await this.#connection.run(removeRegistration, this.#keys.scheduler(scheduler), [])) as readonly [
      "removed" | "unknown" | "busy",
    ];
    // Also when it was unknown: a removal that broke off has left the name.
    if (answer !== "busy") await this.#connection.run(delistScheduler, [this.#keys.schedulers], [scheduler]);
    return answer;
  }

  async beat(
    scheduler: string,
    instance: Omit<Instance, "seenAt">,
    options: { readonly ttlMs: number; readonly registration?: Registration | undefined },
  ): Promise<void> {
    await this.#connection.run(enlistScheduler, [this.#keys.schedulers], [scheduler]);
    const registration = fieldsOf(options.registration ?? {});
    const args = [instance.id, JSON.stringify(instance), String(options.ttlMs), ...registration];
    await this.#connection.run(beatInstance, this.#keys.scheduler(scheduler), args);
  }

  async leave(scheduler: string, instanceId: string): Promise<void> {
    await this.#connection.run(leaveInstance, this.#keys.scheduler(scheduler), [instanceId]);
  }

  async instances(scheduler: string): Promise<readonly Instance[]> {
    const entries = (await this.#connection.run(
      listInstances,
      this.#keys.scheduler(scheduler),
      [],
    )) as readonly string[];
    return entries.map(instanceOf).sort(compareByAge);
  }
}

function fieldsOf(registration: Registration): readonly string[] {
  const members = Object.entries(registration).filter(([, value]) => value !== undefined);
  return members.flatMap(([name, value]) => [name, JSON.stringify(value)]);
}

function registrationOf(fields: readonly string[]): Registration {
  const members: [string, unknown][] = [];
  for (let at = 0; at < fields.length; at += 2) {
    if (fields[at] !== "format") members.push([fields[at] ?? "", JSON.parse(fields[at + 1] ?? "")]);
  }
  return Object.fromEntries(members) as Registration;
}

/** From the time at which it was seen, a line break, and its JSON. */
function instanceOf(entry: string): Instance {
  const end = entry.indexOf("\n");
  const instance = JSON.parse(entry.slice(end + 1)) as Omit<Instance, "seenAt">;
  return { ...instance, seenAt: toInstant(Number(entry.slice(0, end))) };
}

function compareByAge(a: Instance, b: Instance): number {
  return Date.parse(a.startedAt) - Date.parse(b.startedAt) || (a.id < b.id ? -1 : 1);
}
