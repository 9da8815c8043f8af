import type { Clock } from "@mayfly/service";
import type { Owner } from "@mayfly/store";
import type { LeaseNews, LeaseOrder } from "../src/lease-thread/lease-message.ts";
import type { LeaseThread, LeaseThreadListener, StartLeaseThread } from "../src/lease-thread/lease-thread.ts";
import { fromSharedMs, toSharedMs } from "../src/lease-thread/shared-time.ts";

/** A thread that says what a test lets it say, when the event loop gets round to it or when it is heard. */
export class FakeLeaseThread implements LeaseThread {
  readonly orders: LeaseOrder[] = [];
  /** The ids that it was told to add, with how long before the order their claim was sent, in milliseconds. */
  readonly added: (readonly [string, number])[] = [];
  isHeld = false;
  /** Whether an orderly end is possible. */
  isStuck = false;
  isTerminated = false;
  readonly #listener: LeaseThreadListener;
  readonly #clock: Clock;
  #waiting: LeaseNews[] = [];

  constructor(listener: LeaseThreadListener, clock: Clock) {
    this.#listener = listener;
    this.#clock = clock;
  }

  /** Told, and not heard yet. */
  say(...news: readonly LeaseNews[]): void {
    this.#waiting.push(...news);
  }

  /** Told, and not heard yet: these leases have been renewed just now. */
  sayRenewed(...owners: readonly Owner[]): void {
    const atMs = toSharedMs(this.#clock, this.#clock.monotonicMs());
    this.say({ type: "renewed", tokens: owners.map(({ token }) => token), atMs });
  }

  hear(): void {
    for (const news of this.#waiting.splice(0)) this.#listener.onNews(news);
  }

  tell(order: LeaseOrder): void {
    this.orders.push(order);
    if (order.type === "add") {
      this.added.push([order.owner.id, this.#clock.monotonicMs() - fromSharedMs(this.#clock, order.atMs)]);
    }
    if (order.type === "close" && !this.isStuck) queueMicrotask(() => this.die(undefined));
  }

  terminate(): void {
    this.isTerminated = true;
    queueMicrotask(() => this.die("It was terminated."));
  }

  hold(): void {
    this.isHeld = true;
  }

  die(cause: string | undefined): void {
    this.hear();
    this.#listener.onEnd(cause);
  }
}

/** Every thread that has been started, oldest first. */
export class FakeLeaseThreads {
  readonly all: FakeLeaseThread[] = [];
  readonly start: StartLeaseThread;

  constructor(clock: Clock) {
    this.start = (listener) => {
      const thread = new FakeLeaseThread(listener, clock);
      this.all.push(thread);
      return thread;
    };
  }

  /** The one that runs. */
  get last(): FakeLeaseThread {
    const last = this.all.at(-1);
    if (last === undefined) throw new Error("No thread has been started.");
    return last;
  }
}
