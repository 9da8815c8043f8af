import type { Owner, OwnerCopy } from "@mayfly/store";
import type { FactsBook } from "./facts-book.ts";
import type { Kernel } from "./kernel.ts";
import type { StoreCall } from "./store-server.ts";
import type { TaskFacts } from "./task-facts.ts";

/** For how long an announcement that was handed out is nobody else's, in milliseconds: see TaskStore.due. */
const takenForMs = 10_000;

/** Holds the answers of the store to what it must answer whom (I3, I4, I7, I12). */
export class CallChecker {
  readonly #kernel: Kernel;
  readonly #book: FactsBook;
  readonly #takenAtMs = new Map<string, number>();
  /** The announce tokens that a broker has taken a message of. */
  readonly #announced = new Set<string>();

  constructor(options: { readonly kernel: Kernel; readonly book: FactsBook }) {
    this.#kernel = options.kernel;
    this.#book = options.book;
  }

  /** A broker has taken a message with this announce token. */
  noteAnnounced(token: string): void {
    this.#announced.add(token);
  }

  /** Whether a broker has ever taken a message with this announce token. */
  isAnnounced(token: string): boolean {
    return this.#announced.has(token);
  }

  /** What must hold before the events of the call are taken into account. */
  before(call: StoreCall): void {
    const { name } = call;
    if (name === "attach" || name === "progress") this.#owner(call, call.given[0], call.answer);
    else if (name === "release" || name === "finish") this.#owner(call, call.given[0], call.answer.answer);
    else if (name === "restore") this.#owner(call, call.given[0].owner, call.answer.answer);
    else if (name === "heartbeat") {
      for (const [index, owner] of call.given[0].entries()) {
        this.#owner(call, owner, call.answer[index]?.answer ?? "nothing");
      }
    } else if (name === "claim") this.#claim(call);
    else if (name === "schedule") this.#schedule(call);
  }

  /** What must hold when the events of the call have been taken into account. */
  after(call: StoreCall): void {
    const { name } = call;
    if (name === "claim" && call.answer.answer === "granted") {
      const { announcement, token } = call.given[0];
      const facts = this.#book.of(announcement.id);
      facts.owner = { attempt: call.answer.attempt, token };
      facts.outlivesOwner = call.answer.handle?.scope !== undefined;
      if (call.answer.failures !== facts.failures) {
        this.#book.blame(`granted after ${call.answer.failures} failures, and it had ${facts.failures}`, facts.id);
      }
    } else if (name === "attach" && call.answer === "ok") {
      this.#book.of(call.given[0].id).outlivesOwner = call.given[1].scope !== undefined;
    } else if (name === "restore" && call.answer.answer === "ok") this.#restored(call.given[0]);
    else if (name === "finish" || name === "release") {
      const hasEnded = call.answer.answer === "ended" && call.events.length > 0;
      if (hasEnded) this.#book.of(call.given[0].id).closedBy = "finish";
    } else if (name === "due") {
      for (const { id, token } of call.answer.announcements) this.#take(id, token);
    } else if (name === "stalled") {
      for (const { id, token } of call.answer) this.#checkAnnounced(id, token);
    }
  }

  #restored({ owner, failures, handle }: OwnerCopy): void {
    const facts = this.#book.of(owner.id);
    if (facts.state !== "absent") return;
    facts.owner = owner;
    facts.attempt = owner.attempt;
    facts.failures = failures;
    facts.outlivesOwner = handle?.scope !== undefined;
    facts.state = "owned";
  }

  /** A task that counts as announced must have been: under the token that it has now (I7). */
  #checkAnnounced(id: string, token: string): void {
    const { state } = this.#book.of(id);
    if (state !== "scheduled") this.#book.blame(`counts as announced although it is ${state}`, id);
    if (!this.#announced.has(token)) {
      this.#book.blame("counts as announced, but its latest announcement never was", id);
    }
  }

  #take(id: string, token: string): void {
    const agoMs = this.#kernel.nowMs - (this.#takenAtMs.get(token) ?? Number.NEGATIVE_INFINITY);
    if (agoMs < takenForMs) this.#book.blame(`handed out for its announcement twice within ${agoMs} ms`, id);
    this.#takenAtMs.set(token, this.#kernel.nowMs);
  }

  #owner(call: StoreCall, owner: Owner, answer: string): void {
    const facts = this.#book.of(owner.id);
    const isLatest = facts.owner?.attempt === owner.attempt && facts.owner.token === owner.token;
    const isOwner = isLatest && facts.state === "owned";
    if (isOwner) {
      if (isRefusal(answer)) this.#book.blame(`${call.name} of its owner was answered ${answer}`, owner.id);
      return;
    }
    const isRepeat =
      isLatest &&
      ((call.name === "finish" && answer === "ended" && facts.closedBy === "finish") ||
        (call.name === "release" && answer === "ended" && facts.closedBy === "finish") ||
        (call.name === "release" && answer === "released" && facts.closedBy === "release"));
    const isRestore = call.name === "restore" && this.#book.isWiped && facts.state === "absent";
    if (!isRefusal(answer) && !isRepeat && !isRestore) {
      this.#book.blame(
        `${call.name} of attempt ${owner.attempt}, which is not its owner, was answered ${answer}`,
        owner.id,
      );
    }
    if (!isRestore && call.events.some(({ id }) => id === owner.id)) {
      this.#book.blame(`${call.name} of attempt ${owner.attempt}, which is not its owner, changed it`, owner.id);
    }
  }

  #claim(call: StoreCall & { readonly name: "claim" }): void {
    const { announcement, token, timeout } = call.given[0];
    const facts = this.#book.of(announcement.id);
    if (this.#book.isWiped) facts.timeoutMs ??= timeout;
    const isNew = call.events.some(({ id, op }) => id === announcement.id && op === "ack");
    const { answer } = call;
    if (isNew !== (answer.answer === "granted") && !this.#isRepeat(facts, token, answer)) {
      this.#book.blame(`claim was answered ${answer.answer} ${isNew ? "with" : "without"} an event`, facts.id);
    }
  }

  #isRepeat(facts: TaskFacts, token: string, answer: (StoreCall & { readonly name: "claim" })["answer"]): boolean {
    if (answer.answer !== "granted" || facts.state !== "owned") return false;
    return facts.owner?.token === token && facts.owner.attempt === answer.attempt;
  }

  #schedule(call: StoreCall & { readonly name: "schedule" }): void {
    const { task } = call.given[0];
    const facts = this.#book.of(task.id);
    const isKnown = facts.state !== "absent";
    switch (call.answer.answer) {
      case "scheduled":
        facts.timeoutMs = Date.parse(task.timeout);
        facts.dueMs = this.#kernel.nowMs + call.answer.dueInMs;
        if (isKnown) this.#book.blame(`scheduled anew although it is ${facts.state}`, task.id);
        return;
      case "exists":
      case "conflict":
        if (!isKnown) this.#book.blame(`schedule was answered ${call.answer.answer} although it is unknown`, task.id);
        return;
      case "timeout_passed":
      case "timeout_too_far":
        if (isKnown) this.#book.blame(`schedule was answered ${call.answer.answer} although it is known`, task.id);
    }
  }
}

function isRefusal(answer: string): boolean {
  return answer === "stale" || answer === "gone" || answer === "lost";
}
