import { isTerminal, type TaskEvent } from "@mayfly/task";
import type { FactsBook } from "./facts-book.ts";
import type { Kernel } from "./kernel.ts";
import { settings } from "./settings.ts";
import type { StoreCall } from "./store-server.ts";
import type { TaskFacts } from "./task-facts.ts";
import type { WorkLog } from "./work-log.ts";

/** How many failures end a task whose messages nobody can take: see the sweeper. */
const mostDeaths = 5;

/** How late a task may be ended after its timeout, in milliseconds, when a sweeper works undisturbed. */
const promptMs = 1_200;

/** What an {@link EventChecker} is made of. */
export interface EventCheckerOptions {
  readonly kernel: Kernel;
  readonly book: FactsBook;
  readonly works: WorkLog;
  /** Since when a sweeper has worked undisturbed, in epoch milliseconds. */
  readonly sweptSinceMs: () => number;
}

/** Holds the events of each task to what may follow what (I1 to I3, I10, I13). */
export class EventChecker {
  readonly #options: EventCheckerOptions;

  constructor(options: EventCheckerOptions) {
    this.#options = options;
  }

  /** Takes the events that a call has made, in their order. */
  take(call: StoreCall): void {
    for (const event of call.events) {
      const facts = this.#options.book.of(event.id);
      if (facts.end !== undefined) this.#blame(facts, `event ${event.op} after its end`);
      if (isTerminal(event.op)) this.#end(facts, event);
      else this.#step(facts, event, call);
    }
  }

  #step(facts: TaskFacts, event: TaskEvent, call: StoreCall): void {
    switch (event.op) {
      case "add":
        if (facts.state !== "absent") this.#blame(facts, `event add although it is ${facts.state}`);
        facts.state = "scheduled";
        return;
      case "ack":
        return this.#acknowledge(facts, event.attempt ?? 0);
      case "requeue":
        return this.#requeue(facts, call);
      case "progress":
        if (facts.state !== "owned") this.#blame(facts, `event progress although it is ${facts.state}`);
        return;
      case "complete":
      case "abort":
      case "timeout":
    }
  }

  #acknowledge(facts: TaskFacts, attempt: number): void {
    const { book, works } = this.#options;
    const isRecreated = book.isWiped && facts.state === "absent";
    if (facts.state !== "scheduled" && !isRecreated) this.#blame(facts, `event ack although it is ${facts.state}`);
    const earlyMs = facts.dueMs - this.#options.kernel.nowMs;
    if (earlyMs > 0) this.#blame(facts, `attempt ${attempt}, ${earlyMs} ms before it is due`);
    if (attempt <= facts.attempt) this.#blame(facts, `attempt ${attempt} after attempt ${facts.attempt}`);
    facts.state = "owned";
    facts.attempt = attempt;
    facts.closedBy = undefined;
    if (book.isWiped) return;
    for (const work of works.of(facts.id)) {
      const isGoingOn = work.result === undefined && !work.signal.aborted && work.process.isAwake;
      if (isGoingOn) {
        this.#blame(facts, `attempt ${attempt} while ${work.process.name} goes on with attempt ${work.attempt}`);
      }
    }
  }

  #requeue(facts: TaskFacts, call: StoreCall): void {
    const isDeath = call.name === "undelivered";
    const isRelease = call.name === "release";
    const isFailure = isRelease ? call.given[1].cause === "retry" : isDeath || !facts.outlivesOwner;
    if (isFailure) facts.failures++;
    const wasRight = isDeath ? facts.state === "scheduled" : facts.state === "owned";
    if (!wasRight) this.#blame(facts, `event requeue by ${call.name} although it is ${facts.state}`);
    const most = isDeath ? mostDeaths : settings.maxAttempts;
    if (facts.failures >= most && isFailure) {
      this.#blame(facts, `waits again after ${facts.failures} failures`);
    }
    const delayMs = isRelease ? call.given[1].delayMs : isDeath ? call.given[0].delayMs : 0;
    if (isRelease && call.given[1].cause !== "hand_over") facts.outlivesOwner = false;
    facts.dueMs = this.#options.kernel.nowMs + delayMs;
    facts.state = "scheduled";
    facts.closedBy = isRelease ? "release" : undefined;
  }

  #end(facts: TaskFacts, event: TaskEvent): void {
    const { book, works } = this.#options;
    const atMs = Date.parse(event.at);
    if (facts.state === "absent" && !book.isWiped) this.#blame(facts, `event ${event.op} before it was scheduled`);
    const timeoutMs = facts.timeoutMs ?? Number.POSITIVE_INFINITY;
    if (event.op === "timeout") {
      if (atMs < timeoutMs) this.#blame(facts, "event timeout before its timeout");
    } else if (atMs >= timeoutMs) this.#blame(facts, `event ${event.op} after its timeout`);
    if (event.op === "complete" && !works.of(facts.id).some(({ result }) => result === "complete")) {
      this.#blame(facts, "event complete although no work on it has completed");
    }
    if (event.op === "abort") this.#checkReason(facts, event);
    const lateMs = atMs - Math.max(timeoutMs, this.#options.sweptSinceMs());
    // What a store has lost it cannot end in time.
    const isLost = book.isWiped && facts.state === "absent";
    if (lateMs > promptMs && !isLost) this.#blame(facts, `ended ${lateMs} ms after its timeout`);
    facts.state = "done";
    facts.end = event;
    facts.ends++;
  }

  #checkReason(facts: TaskFacts, event: TaskEvent): void {
    const code = event.reason?.code;
    const isTrue = ((): boolean => {
      switch (code) {
        case "requested":
          return facts.isAbortAsked;
        case "rejected":
          return facts.plan?.behaviour === "reject";
        case "failed":
          return facts.plan?.behaviour === "fail";
        case "lost":
          return facts.failures + 1 >= settings.maxAttempts && !facts.outlivesOwner;
        case "undeliverable":
          return facts.failures + 1 >= mostDeaths;
        case "runtime":
        case undefined:
          return false;
      }
    })();
    if (!isTrue) this.#blame(facts, `aborted as ${code} without a cause`);
  }

  #blame(facts: TaskFacts, text: string): void {
    this.#options.book.blame(text, facts.id);
  }
}
