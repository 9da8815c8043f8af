import { HeartbeatLeaseKeeper, InMemoryStore } from "@mayfly/store";
import { Broker } from "./broker.ts";
import { CallChecker } from "./call-checker.ts";
import { CrashPoints } from "./crash-points.ts";
import { traceCall } from "./describe-call.ts";
import { Environment } from "./environment.ts";
import { EventChecker } from "./event-checker.ts";
import { FactsBook } from "./facts-book.ts";
import { FaultLog } from "./fault-log.ts";
import { Kernel } from "./kernel.ts";
import { Network } from "./network.ts";
import { Place, type Program, type Surroundings } from "./place.ts";
import type { Random } from "./random.ts";
import { settings } from "./settings.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import { type StoreCall, StoreServer, type StoreStep } from "./store-server.ts";
import { Trace } from "./trace.ts";
import { type Work, WorkLog } from "./work-log.ts";

/** What a simulation is made of. A test replaces parts of it by such with bugs. */
export interface WorldOptions {
  readonly random: Random;
  /** Whether the store will be wiped. */
  readonly hasWipe: boolean;
  readonly Store?: typeof InMemoryStore | undefined;
  readonly LeaseKeeper?: typeof HeartbeatLeaseKeeper | undefined;
}

/** What is deployed. */
const programs: readonly (readonly [name: string, program: Program])[] = [
  ["api-1", { kind: "api" }],
  ["api-2", { kind: "api" }],
  ["sweeper-1", { kind: "sweeper" }],
  ["sweeper-2", { kind: "sweeper" }],
  ...["alpha-1", "alpha-2"].map(
    (name) =>
      [
        name,
        { kind: "scheduler", scheduler: "alpha", concurrency: 3, isRecoverable: false, backoffMs: undefined },
      ] as const,
  ),
  ...["beta-1", "beta-2"].map(
    (name) =>
      [name, { kind: "scheduler", scheduler: "beta", concurrency: 2, isRecoverable: true, backoffMs: 400 }] as const,
  ),
];

/** The names of the schedulers that are deployed. */
export const schedulers: readonly string[] = ["alpha", "beta"];

/** A whole deployment in virtual time, and those who watch it. */
export class World implements Surroundings {
  readonly kernel: Kernel = new Kernel();
  readonly faults: FaultLog = new FaultLog();
  readonly network: Network;
  readonly broker: Broker;
  readonly server: StoreServer;
  readonly trace: Trace;
  readonly book: FactsBook;
  readonly works: WorkLog = new WorkLog();
  readonly calls: CallChecker;
  readonly crashPoints: CrashPoints;
  readonly LeaseKeeper: typeof HeartbeatLeaseKeeper;
  readonly hasWipe: boolean;
  /** Where work goes on that outlives schedulers. */
  readonly host: Environment;
  readonly places: readonly Place[];
  /** Nothing is started any more. */
  isOver = false;
  readonly #events: EventChecker;
  readonly #random: Random;
  readonly #claims = new Set<string>();

  constructor(options: WorldOptions) {
    const { kernel, faults, works } = this;
    const Store = options.Store ?? InMemoryStore;
    this.#random = options.random.fork();
    this.hasWipe = options.hasWipe;
    this.LeaseKeeper = options.LeaseKeeper ?? HeartbeatLeaseKeeper;
    this.network = new Network({ kernel, faults, random: options.random.fork() });
    this.trace = new Trace(kernel.nowMs);
    this.book = new FactsBook(kernel);
    this.calls = new CallChecker({ kernel, book: this.book });
    this.#events = new EventChecker({ kernel, book: this.book, works, sweptSinceMs: () => this.#sweptSinceMs() });
    const shards = this.#random.pick([1, 1, 2]);
    this.server = new StoreServer({
      store: new Store({ clock: kernel.clock, shards }),
      onCall: (call) => this.#onCall(call),
    });
    this.broker = new Broker({
      kernel,
      network: this.network,
      onTaken: ({ token }) => this.calls.noteAnnounced(token),
    });
    this.host = new Environment({ kernel });
    this.crashPoints = new CrashPoints({
      kernel,
      crash: (process, step) => {
        this.tell(`${process.name} dies at ${step}`);
        this.placeOf(process)?.crash(this.downMs());
      },
    });
    this.places = programs.map(([name, program]) => new Place(this, name, program));
  }

  /** Says in the trace what happens to all. */
  tell(what: string): void {
    this.trace.add(this.kernel.nowMs, "faults", what);
  }

  /** The place whose present process this is. */
  placeOf(process: SimulatedProcess): Place | undefined {
    return this.places.find((place) => place.process === process);
  }

  /** For how long a program is down that has died, in milliseconds. */
  downMs(): number {
    return this.#random.between(300, 6_000);
  }

  /** Told of each call as a process sends it. */
  readonly onSent = (name: StoreStep, given: readonly unknown[], process: SimulatedProcess): void => {
    if (name !== "claim") return;
    const { token, announcement } = given[0] as StoreCall & { token: string; announcement: { id: string } };
    if (!this.#claims.has(token) && process.stoppingSinceMs !== undefined) {
      this.book.blame(`${process.name} claims although it is stopping`, announcement.id);
    }
    this.#claims.add(token);
  };

  /** Told of each piece of work that begins: no instance has more than it has slots (I9). */
  readonly onBegin = (work: Work, place: Place): void => {
    this.trace.add(this.kernel.nowMs, work.process.name, `begins attempt ${work.attempt}`, work.id);
    const slots = place.program.kind === "scheduler" ? place.program.concurrency : 0;
    const taken = this.works.slotsOf(work.process);
    if (taken > slots) this.book.blame(`${work.process.name} has ${taken} tasks in ${slots} slots`, work.id);
  };

  /** Told of each scheduler and sweeper that has stopped. */
  onStopped(process: SimulatedProcess): void {
    const { kernel, book, network } = this;
    const tookMs = kernel.nowMs - Math.max(process.stoppingSinceMs ?? 0, network.undisturbedSinceMs(process));
    if (tookMs > settings.drainGraceMs + settings.callTimeoutMs)
      book.blame(`${process.name} took ${tookMs} ms to stop`);
    for (const { id } of book.all()) {
      const goesOn = this.works.of(id).find((work) => work.process === process && !work.signal.aborted && !work.result);
      if (goesOn !== undefined) book.blame(`${process.name} has stopped, but attempt ${goesOn.attempt} goes on`, id);
    }
  }

  /** Stops watching. */
  close(): void {
    this.crashPoints.close();
  }

  #onCall(call: StoreCall): void {
    traceCall(this.trace, call, this.kernel.nowMs);
    this.calls.before(call);
    this.#events.take(call);
    this.calls.after(call);
    for (const { op, id } of call.events) if (op === "requeue") this.network.unstick(id);
  }

  #sweptSinceMs(): number {
    const since = this.places
      .filter(({ program, process }) => program.kind === "sweeper" && process.isAlive && !process.isPaused)
      .map(({ process }) => this.network.undisturbedSinceMs(process));
    return Math.min(Number.POSITIVE_INFINITY, ...since);
  }
}
