import { crashPointsOf } from "./crash-points.ts";
import type { FaultKind } from "./fault-log.ts";
import type { Place } from "./place.ts";
import type { Random } from "./random.ts";
import { settings } from "./settings.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import { schedulers, type World } from "./world.ts";

/** The faults of a moment, by how often they come. */
const weights: readonly (readonly [FaultKind, number])[] = [
  ["crash", 20],
  ["crash_point", 24],
  ["pause", 14],
  ["drain", 8],
  ["store_away", 8],
  ["store_cut", 10],
  ["broker_away", 8],
  ["queue_purged", 5],
  ["queue_deleted", 4],
  ["clock_jump", 6],
  ["claim_stuck", 6],
];

/** What loses messages for good: not together with a wipe, after which nobody would have a copy. */
const losesMessages: ReadonlySet<FaultKind> = new Set<FaultKind>(["queue_purged", "queue_deleted"]);

/** How long before and after a wipe all processes stay as they are, so that it is known who has a copy of what. */
const calmMs = { before: 13_000, after: 13_000 };

/** Plans what goes wrong at which moment. */
export class FaultPlanner {
  readonly #world: World;
  readonly #random: Random;

  constructor(options: { readonly world: World; readonly random: Random }) {
    this.#world = options.world;
    this.#random = options.random;
  }

  /** Plans the faults of a run, from now on; with a wipe of the store, if `isWiped`. */
  plan(isWiped: boolean): void {
    const { kernel, network } = this.#world;
    const random = this.#random;
    network.isFaulty = true;
    network.canGarble = !isWiped;
    const wipeMs = random.between(15_000, settings.activeMs - 15_000);
    if (isWiped) {
      kernel.after(wipeMs - calmMs.before, () => this.#world.crashPoints.disarm());
      kernel.after(wipeMs, () => void this.#wipe());
      kernel.after(wipeMs + random.between(-120, 400), () => this.#loseConnections());
    }
    const count = random.between(12, 20);
    for (let fault = 0; fault < count; fault++) {
      const atMs = random.between(500, settings.activeMs - 1_000);
      const kind = random.weighted(weights);
      const isCalm = atMs > wipeMs - calmMs.before && atMs < wipeMs + calmMs.after;
      if (isWiped && (isCalm || losesMessages.has(kind))) continue;
      kernel.after(atMs, () => this.#inject(kind));
    }
  }

  /** Ends everything that is wrong. */
  heal(): void {
    const { network, broker, crashPoints, places } = this.#world;
    network.isFaulty = false;
    network.canGarble = false;
    network.isStoreAway = false;
    network.cut.clear();
    network.sticking.clear();
    crashPoints.disarm();
    if (network.isBrokerAway) broker.comeBack();
    for (const { process } of places) process.resume();
  }

  #inject(kind: FaultKind): void {
    const world = this.#world;
    const random = this.#random;
    const place = random.pick(world.places);
    const forMs = random.chance(0.6) ? random.between(200, 4_000) : random.between(4_000, 12_000);
    const until = (after: () => void): void => void world.kernel.after(forMs, after);
    const told = this.#do(kind, place, forMs, until);
    if (told === undefined) return;
    world.faults.add(kind);
    world.tell(told);
  }

  /** Does it and says what it was; undefined when there was nothing to do it to. */
  #do(kind: FaultKind, place: Place, forMs: number, until: (after: () => void) => void): string | undefined {
    const { kernel, network, broker, crashPoints } = this.#world;
    const random = this.#random;
    const { process } = place;
    const name = random.pick(schedulers);
    switch (kind) {
      case "crash":
        if (!process.isAlive) return undefined;
        place.crash(this.#world.downMs());
        return `${process.name} dies`;
      case "crash_point": {
        const step = random.pick(crashPointsOf[place.program.kind]);
        const passage = random.between(1, 3);
        crashPoints.arm(step, passage);
        return `${step} is armed for its passage ${passage}`;
      }
      case "pause":
        if (!process.isAlive || process.isPaused) return undefined;
        this.#pause(process, forMs);
        return `${process.name} is paused for ${forMs} ms`;
      case "drain":
        if (place.program.kind === "api" || !process.isAlive || process.stoppingSinceMs !== undefined) return undefined;
        place.drain();
        return `${process.name} is told to stop`;
      case "store_away":
        if (network.isStoreAway) return undefined;
        network.isStoreAway = true;
        until(() => {
          network.isStoreAway = false;
        });
        return `the store is away for ${forMs} ms`;
      case "store_cut":
        if (!process.isAlive) return undefined;
        network.cut.add(process);
        until(() => void network.cut.delete(process));
        return `${process.name} does not reach the store for ${forMs} ms`;
      case "broker_away":
        if (network.isBrokerAway) return undefined;
        broker.goAway();
        until(() => network.isBrokerAway && broker.comeBack());
        return `the broker is away for ${forMs} ms`;
      case "queue_purged":
        void broker.purge(name);
        return `the queue ${name} is purged`;
      case "queue_deleted":
        void broker.delete(name);
        return `the queue ${name} is deleted`;
      case "clock_jump": {
        const byMs = random.pick([-3_600_000, -10_000, -500, 500, 10_000, 3_600_000]);
        process.wallOffsetMs += byMs;
        return `the wall clock of ${process.name} jumps by ${byMs} ms at ${kernel.nowMs}`;
      }
      case "claim_stuck":
        if (place.program.kind !== "scheduler") return undefined;
        // The claim is asked again and granted; then its owner is away for longer than its lease.
        network.sticking.set(process, () => {
          this.#world.tell(`a claim of ${process.name} gets stuck`);
          kernel.after(random.between(1_300, 2_500), () => this.#pause(process, random.between(7_500, 9_500)));
        });
        return `the next claim of ${process.name} will get stuck`;
      case "store_wiped":
      case "connections_lost":
      case "answer_lost":
      case "call_late":
      case "hint_lost":
      case "confirm_lost":
      case "publish_late":
      case "message_doubled":
      case "message_garbled":
      case "ack_lost":
        return undefined;
    }
  }

  #pause(process: SimulatedProcess, forMs: number): void {
    const { kernel, network, broker } = this.#world;
    process.pause();
    network.disturb(process, forMs + settings.sweepMs);
    // A broker gives up a connection that is silent for long.
    if (forMs > settings.leaseMs && this.#random.chance(0.5)) broker.dropConnections(process);
    kernel.after(forMs, () => process.resume());
  }

  /** The broker hands out again what schedulers work on, while the store does not know of it. */
  #loseConnections(): void {
    const { broker, faults, places } = this.#world;
    for (const { program, process } of places) {
      if (program.kind !== "scheduler" || this.#random.chance(0.4)) continue;
      faults.add("connections_lost");
      this.#world.tell(`${process.name} loses its connection to the broker`);
      broker.dropConnections(process);
    }
  }

  async #wipe(): Promise<void> {
    const { server, book, works, faults, calls } = this.#world;
    const announced = new Set<string>();
    for (let shard = 0; shard < server.store.shards; shard++) {
      for (const { id, token } of await server.store.stalled({ shard, limit: 100, ageMs: 0 })) {
        if (calls.isAnnounced(token)) announced.add(id);
      }
    }
    await server.wipe(() => {
      faults.add("store_wiped");
      this.#world.tell("the store is wiped");
      book.forget(({ id, state, attempt }) => {
        if (state === "scheduled") return announced.has(id);
        return works.of(id).some((work) => work.attempt === attempt && work.process.isAlive && !work.signal.aborted);
      });
    });
  }
}
