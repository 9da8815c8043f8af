import { InMemoryStore, StoreError, type TaskStore } from "@mayfly/store";

const steps = [
  "appendLog",
  "attach",
  "beat",
  "claim",
  "finish",
  "heartbeat",
  "register",
  "release",
  "restore",
] as const;

type Step = (typeof steps)[number];

/** A store whose answers a test can cut off, for one kind of step at a time. */
export class CuttableStore extends InMemoryStore {
  readonly cut = new Set<Step>();
  /** What a step waits for before it is done. */
  readonly held = new Map<Step, Promise<void>>();
  /** How often each step was asked for, answered or not. */
  readonly asked = new Map<Step, number>();

  override appendLog(...given: Parameters<TaskStore["appendLog"]>): ReturnType<TaskStore["appendLog"]> {
    return this.#unlessCut("appendLog", () => super.appendLog(...given));
  }

  override attach(...given: Parameters<TaskStore["attach"]>): ReturnType<TaskStore["attach"]> {
    return this.#unlessCut("attach", () => super.attach(...given));
  }

  override beat(...given: Parameters<TaskStore["beat"]>): ReturnType<TaskStore["beat"]> {
    return this.#unlessCut("beat", () => super.beat(...given));
  }

  override claim(...given: Parameters<TaskStore["claim"]>): ReturnType<TaskStore["claim"]> {
    return this.#unlessCut("claim", () => super.claim(...given));
  }

  override finish(...given: Parameters<TaskStore["finish"]>): ReturnType<TaskStore["finish"]> {
    return this.#unlessCut("finish", () => super.finish(...given));
  }

  override heartbeat(...given: Parameters<TaskStore["heartbeat"]>): ReturnType<TaskStore["heartbeat"]> {
    return this.#unlessCut("heartbeat", () => super.heartbeat(...given));
  }

  override register(...given: Parameters<TaskStore["register"]>): ReturnType<TaskStore["register"]> {
    return this.#unlessCut("register", () => super.register(...given));
  }

  override release(...given: Parameters<TaskStore["release"]>): ReturnType<TaskStore["release"]> {
    return this.#unlessCut("release", () => super.release(...given));
  }

  override restore(...given: Parameters<TaskStore["restore"]>): ReturnType<TaskStore["restore"]> {
    return this.#unlessCut("restore", () => super.restore(...given));
  }

  /** Cuts off all of the steps above. */
  cutAll(): void {
    for (const step of steps) this.cut.add(step);
  }

  async #unlessCut<T>(step: Step, run: () => Promise<T>): Promise<T> {
    this.asked.set(step, (this.asked.get(step) ?? 0) + 1);
    if (this.cut.has(step)) throw new StoreError("unavailable", `The store is cut off from ${step}.`);
    const held = this.held.get(step);
    if (held !== undefined) await held;
    return run();
  }
}
