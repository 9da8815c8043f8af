import { settings } from "./settings.ts";
import type { TaskFacts } from "./task-facts.ts";
import { schedulers, type World } from "./world.ts";

/** What must hold in the end, and now and then on the way. */
export class FinalCheck {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Whether everything that is alive has ended. */
  isAllDone(): boolean {
    for (const facts of this.#world.book.all()) if (isLive(facts)) return false;
    return true;
  }

  /** Compares what the store counts and what it takes for announced with what is known (I7, I8). */
  async audit(): Promise<void> {
    const { server, book } = this.#world;
    for (let shard = 0; shard < server.store.shards; shard++) {
      await server.call("stalled", [{ shard, limit: 100, ageMs: 0 }]);
    }
    const counts = await Promise.all(schedulers.map((name) => server.call("count", [name])));
    const counted = counts.reduce((sum, { scheduled, running }) => sum + scheduled + running, 0);
    const live = [...book.all()].filter(isLive).length;
    if (counted !== live) book.blame(`the store counts ${counted} live tasks, but ${live} have not ended`);
  }

  /** Every task that was accepted has ended, once (I1). */
  checkEnds(): void {
    const { book } = this.#world;
    for (const facts of book.all()) {
      const { id, state, ends, isAccepted, mayBeLost } = facts;
      if (isLive(facts)) book.blame(`has not ended: it is still ${state}`, id);
      if (isAccepted && ends === 0 && !mayBeLost && !isLive(facts)) book.blame("was accepted, and is lost", id);
    }
  }

  /** Nothing is left anywhere (I15). */
  async checkBaseline(): Promise<void> {
    const { server, book, broker, kernel } = this.#world;
    for (let shard = 0; shard < server.store.shards; shard++) {
      const request = { shard, limit: 100 };
      const [expired, recovered, due, stalled] = await Promise.all([
        server.call("expire", [request]),
        server.call("recover", [request]),
        server.call("due", [{ ...request, maxBytes: 1_000_000 }]),
        server.call("stalled", [{ ...request, ageMs: 0 }]),
      ]);
      const left = Object.entries({ expired, recovered, due }).filter(([, answer]) => answer.nextInMs !== undefined);
      for (const [name] of left) book.blame(`the store still has something that can be ${name}`);
      if (stalled.length > 0) book.blame("the store still takes something for announced");
    }
    const { tasks } = await server.call("list", [{ limit: 100 }]);
    if (tasks.length > 0) book.blame(`the store still lists ${tasks.length} tasks`);
    for (const name of schedulers) {
      const ready = await broker.queue.ready(name);
      if (ready !== 0) book.blame(`${ready} messages are left in the queue ${name}`);
      const instances = await server.call("instances", [name]);
      if (instances.length > 0) book.blame(`${instances.length} instances of ${name} are left`);
    }
    if (book.isWiped) return;
    await kernel.run(kernel.nowMs + settings.retentionMs + 1);
    for (const { id } of book.all()) {
      if ((await server.call("find", [id])) !== undefined) book.blame("is still known after its retention", id);
    }
  }
}

function isLive({ state }: TaskFacts): boolean {
  return state === "scheduled" || state === "owned";
}
