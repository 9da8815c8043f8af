import type { Plan } from "./behaviour.ts";
import type { Kernel } from "./kernel.ts";
import { newFacts, type TaskFacts, type Violation } from "./task-facts.ts";

/** The facts of all tasks, and what was wrong with them. */
export class FactsBook {
  readonly violations: Violation[] = [];
  /** Whether the store has been wiped: then what was done may run again. */
  isWiped = false;
  readonly #kernel: Kernel;
  readonly #facts = new Map<string, TaskFacts>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Begins the facts of a task that a client wants. */
  plan(id: string, plan: Plan): void {
    if (!this.#facts.has(id)) this.#facts.set(id, newFacts(id, plan));
  }

  /** The facts of a task. */
  of(id: string): TaskFacts {
    let facts = this.#facts.get(id);
    if (facts === undefined) {
      facts = newFacts(id, undefined);
      this.#facts.set(id, facts);
    }
    return facts;
  }

  all(): Iterable<TaskFacts> {
    return this.#facts.values();
  }

  /** Notes something that must never happen. */
  blame(text: string, id?: string): void {
    this.violations.push({ text, id, atMs: this.#kernel.nowMs });
  }

  /** The store has lost everything. `hasCopy`: whether anybody but the store knows of a task. */
  forget(hasCopy: (facts: TaskFacts) => boolean): void {
    this.isWiped = true;
    for (const facts of this.#facts.values()) {
      if (facts.state !== "done" && !hasCopy(facts)) facts.mayBeLost = true;
      facts.state = "absent";
      facts.attempt = 0;
      facts.owner = undefined;
      facts.closedBy = undefined;
      facts.failures = 0;
      facts.outlivesOwner = false;
      facts.dueMs = 0;
      facts.end = undefined;
    }
  }
}
