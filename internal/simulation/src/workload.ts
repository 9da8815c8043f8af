import type { ScheduleTask } from "@mayfly/dispatcher";
import type { TaskView } from "@mayfly/task";
import { type Behaviour, planOf } from "./behaviour.ts";
import { Client } from "./client.ts";
import type { Random } from "./random.ts";
import { settings } from "./settings.ts";
import type { World } from "./world.ts";

type Operation = "schedule" | "burst" | "repeat" | "change" | "abort" | "find" | "wait" | "list" | "register" | "look";

const weights: readonly (readonly [Operation, number])[] = [
  ["schedule", 44],
  ["burst", 2],
  ["repeat", 12],
  ["change", 5],
  ["abort", 8],
  ["find", 12],
  ["wait", 7],
  ["list", 4],
  ["register", 3],
  ["look", 3],
];

const behaviours: readonly (readonly [Behaviour, number])[] = [
  ["work", 62],
  ["report", 8],
  ["fail", 8],
  ["reject", 4],
  ["hang", 9],
  ["stubborn", 9],
];

/** What clients do to a deployment, and what they must be answered (I1, I12). */
export class Workload {
  /** How many operations there were. */
  operations = 0;
  readonly #world: World;
  readonly #random: Random;
  readonly #client: Client;
  readonly #wanted: (ScheduleTask & { readonly id: string })[] = [];

  constructor(options: { readonly world: World; readonly random: Random }) {
    const { kernel, network, places } = options.world;
    this.#world = options.world;
    this.#random = options.random;
    const apis = places.filter(({ program }) => program.kind === "api");
    this.#client = new Client({ kernel, network, random: options.random.fork(), apis });
  }

  /** Plans the operations of a run, from now on. */
  plan(): void {
    const count = this.#random.between(200, 260);
    for (let operation = 0; operation < count; operation++) {
      const atMs = this.#random.between(300, settings.activeMs);
      const kind = this.#random.weighted(weights);
      this.#world.kernel.after(atMs, () => this.#begin(kind));
    }
  }

  #begin(kind: Operation): void {
    this.operations++;
    const known = this.#wanted.length === 0 ? undefined : this.#random.pick(this.#wanted);
    if (kind === "schedule" || known === undefined) return void this.#schedule(this.#newTask());
    switch (kind) {
      case "burst":
        for (let count = this.#random.between(4, 12); count > 0; count--) void this.#schedule(this.#newTask());
        return;
      case "repeat":
        return void this.#schedule(known);
      case "change":
        return void this.#change(known);
      case "abort":
        return void this.#abort(this.#random.pick(this.#wanted.slice(-8)).id);
      case "find":
        return void this.#find(known.id, 0);
      case "wait":
        return void this.#find(this.#random.pick(this.#wanted.slice(-8)).id, this.#random.between(100, 20_000));
      case "list":
        return void this.#client.ask((dispatcher) => dispatcher.list({ limit: 50 }));
      case "register":
        return void this.#client.ask((dispatcher) => dispatcher.register(known.scheduler, { description: "Again" }));
      case "look":
        return void this.#client.ask((dispatcher) => dispatcher.schedulers());
    }
  }

  #newTask(): ScheduleTask & { readonly id: string } {
    const random = this.#random;
    const nowMs = this.#world.kernel.nowMs;
    const behaviour = random.weighted(behaviours);
    const isLong = behaviour === "work" && random.chance(0.15);
    const ms = isLong ? random.between(4_000, 25_000) : random.between(1, behaviour === "stubborn" ? 4_000 : 1_500);
    const isShort = behaviour === "hang" || random.chance(0.2);
    const timeoutMs = isShort ? nowMs + random.between(800, 20_000) : nowMs + 3_600_000;
    const notBeforeMs = nowMs + random.between(1, 700) + (isShort ? 0 : random.between(0, 9_000));
    const task = {
      id: random.uuid(),
      scheduler: random.chance(0.6) ? "alpha" : "beta",
      attributes: { behaviour, ms },
      ...((isShort || random.chance(0.3)) && { timeout: new Date(timeoutMs).toISOString() }),
      ...(random.chance(0.08) && { notBefore: new Date(notBeforeMs).toISOString() }),
    };
    this.#wanted.push(task);
    this.#world.book.plan(task.id, planOf(task));
    return task;
  }

  /** Schedules a task; without an answer most clients try again. */
  async #schedule(wanted: ScheduleTask & { readonly id: string }): Promise<void> {
    const facts = this.#world.book.of(wanted.id);
    const wasAccepted = facts.isAccepted;
    for (let tries = 0; tries < 4; tries++) {
      const heard = await this.#client.ask((dispatcher) => dispatcher.schedule(wanted));
      if (heard.kind === "answer") {
        if (wasAccepted && !this.#world.hasWipe && heard.answer.status !== "exists")
          this.#blame("was accepted twice", wanted.id);
        facts.isAccepted = true;
        this.#tell(`is accepted: ${heard.answer.status}`, wanted.id);
        return;
      }
      if (heard.kind === "refused" && heard.code !== "store_unavailable" && heard.code !== "unknown_scheduler") {
        // Its time may have come before it was stored, or after it was lost.
        const isTooLate = heard.code === "invalid_task" && (!wasAccepted || this.#world.hasWipe);
        if (!isTooLate) this.#blame(`was refused: ${heard.code}`, wanted.id);
        return;
      }
      if (this.#random.chance(0.15)) return;
      await this.#client.pause(this.#random.between(50, 1_500));
    }
  }

  /** Another task under the same id is a conflict (I12). */
  async #change(known: ScheduleTask & { readonly id: string }): Promise<void> {
    const { isAccepted } = this.#world.book.of(known.id);
    // What a store has lost, or never had, is not in the way.
    if (!isAccepted || this.#world.hasWipe) return;
    const changed = { ...known, attributes: { ...known.attributes, changed: true } };
    const heard = await this.#client.ask((dispatcher) => dispatcher.schedule(changed));
    if (heard.kind === "answer") this.#blame("was accepted with other content", known.id);
    else if (heard.kind === "refused" && !["task_conflict", "store_unavailable", "invalid_task"].includes(heard.code)) {
      this.#blame(`was refused with other content as ${heard.code}`, known.id);
    }
  }

  async #abort(id: string): Promise<void> {
    const facts = this.#world.book.of(id);
    const wasAccepted = facts.isAccepted;
    facts.isAbortAsked = true;
    const heard = await this.#client.ask((dispatcher) => dispatcher.abort(id));
    if (heard.kind === "answer") this.#see(heard.answer.view);
    if (heard.kind !== "refused" || heard.code === "store_unavailable") return;
    if (heard.code !== "unknown_task" || (wasAccepted && !this.#world.hasWipe)) {
      this.#blame(`could not be aborted: ${heard.code}`, id);
    }
  }

  async #find(id: string, waitMs: number): Promise<void> {
    const wasAccepted = this.#world.book.of(id).isAccepted;
    const heard = await this.#client.ask((dispatcher) => dispatcher.wait(id, { waitMs }));
    if (heard.kind === "refused" && heard.code !== "store_unavailable") this.#blame(`not found: ${heard.code}`, id);
    if (heard.kind !== "answer") return;
    if (heard.answer !== undefined) this.#see(heard.answer);
    else if (wasAccepted && !this.#world.hasWipe) this.#blame("is unknown although it was accepted", id);
  }

  /** How a task has ended is said in one way only. */
  #see(view: TaskView): void {
    if (view.state !== "done" || this.#world.hasWipe) return;
    const op = this.#world.book.of(view.id).end?.op;
    const seen = view.outcome === "aborted" ? "abort" : view.outcome;
    if (op !== seen) this.#blame(`is seen as ${seen}, but its event is ${op}`, view.id);
  }

  #tell(what: string, id: string): void {
    this.#world.trace.add(this.#world.kernel.nowMs, "client", what, id);
  }

  #blame(text: string, id: string): void {
    this.#world.book.blame(text, id);
  }
}
