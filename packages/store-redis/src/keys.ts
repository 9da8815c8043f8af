/**
 * The one place that spells keys and channels. Every key of a shard carries the shard's hash tag, and every key of a
 * scheduler the scheduler's, so that each script stays in one slot of a Redis Cluster.
 */
export class Keys {
  readonly #prefix: string;

  /** @throws RangeError when `prefix` is empty, or holds a brace (which would be a hash tag), a space or a line break */
  constructor(prefix: string) {
    if (!/^[^\s{}]+$/.test(prefix)) {
      throw new RangeError(`The key prefix ${JSON.stringify(prefix)} must not be empty or contain spaces or braces.`);
    }
    this.#prefix = prefix;
  }

  /** What the data are like: format and number of shards. */
  get description(): string {
    return `${this.#prefix}:meta`;
  }

  /** The names of all registered schedulers. */
  get schedulers(): string {
    return `${this.#prefix}:schedulers`;
  }

  /** The KEYS of every script on a shard, as scripts/shared/shard.lua takes them; those that end in a colon are beginnings. */
  shard(shard: number): readonly string[] {
    const root = `${this.#prefix}:{${shard}}`;
    return [
      `${root}:task:`,
      `${root}:done:`,
      `${root}:timeout`,
      `${root}:lease`,
      `${root}:outbox`,
      `${root}:announced`,
      `${root}:waiting:`,
      `${root}:running:`,
      `${root}:names`,
      `${root}:claimed`,
      `${root}:ended`,
      `${root}:events`,
      `${root}:gaps`,
      `${root}:log:`,
    ];
  }

  /** The KEYS of every script on a scheduler, as scripts/shared/registration.lua takes them. */
  scheduler(name: string): readonly string[] {
    const root = `${this.#prefix}:scheduler:{${name}}`;
    return [root, `${root}:instances`, `${root}:expiry`];
  }

  /** Where an instance is told to stop tasks; without an id, the beginning of all of them. */
  stopChannel(instanceId: string = ""): string {
    return `${this.#prefix}:to:${instanceId}`;
  }

  /** Where the end of a task is told; without an id, the beginning of all of them. */
  doneChannel(taskId: string = ""): string {
    return `${this.#prefix}:done:${taskId}`;
  }
}
