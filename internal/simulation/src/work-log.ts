import type { SimulatedProcess } from "./simulated-process.ts";

/** Work on a task as one owner sees it, from its start (or its adoption) until that owner has nothing more to do with it. */
export interface Work {
  readonly id: string;
  readonly attempt: number;
  readonly process: SimulatedProcess;
  /** Fires when the owner is told that it is to stop. */
  readonly signal: AbortSignal;
  /** Whether the owner needs no slot for it once it was told to stop. */
  readonly canBeLeft: boolean;
  /** Whether it has returned, and how. */
  result: "complete" | "failed" | undefined;
}

/** All work there was, by task. */
export class WorkLog {
  readonly #works = new Map<string, Work[]>();
  readonly #open = new Map<SimulatedProcess, Set<Work>>();

  begin(work: Work): void {
    const works = this.#works.get(work.id);
    if (works === undefined) this.#works.set(work.id, [work]);
    else works.push(work);
    const open = this.#open.get(work.process);
    if (open === undefined) this.#open.set(work.process, new Set([work]));
    else open.add(work);
  }

  end(work: Work, result: "complete" | "failed"): void {
    work.result ??= result;
    this.#open.get(work.process)?.delete(work);
  }

  /** All work on a task, in the order in which it began. */
  of(id: string): readonly Work[] {
    return this.#works.get(id) ?? [];
  }

  /** How many slots of `process` are taken. */
  slotsOf(process: SimulatedProcess): number {
    let slots = 0;
    for (const work of this.#open.get(process) ?? []) if (!work.canBeLeft || !work.signal.aborted) slots++;
    return slots;
  }
}
