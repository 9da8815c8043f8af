import type { Delivery } from "@mayfly/queue";
import { crashPoint, errorMessage } from "@mayfly/service";
import type { ClaimAnswer, Owner, LeaseSignal } from "@mayfly/store";
import type { Task } from "@mayfly/task";
import { type Claimant, claimTask } from "./claim-task.ts";
import { readTask } from "./read-task.ts";
import type { RunEnvironment } from "./run-environment.ts";
import { TaskRun } from "./task-run.ts";
import { untilAnswered } from "./until-answered.ts";

/** What an intake is made of. */
export interface IntakeOptions {
  /** The name of the scheduler, and of its queue. */
  readonly name: string;
  /** Claims for this instance. */
  readonly claimant: Omit<Claimant, "restore">;
  readonly environment: RunEnvironment;
  /** Told the id of each task that begins to run. */
  readonly onRun: (id: string) => void;
}

/**
 * Takes the deliveries of one start of a scheduler: each is claimed, and run if the claim is granted.
 *
 * States: `open` → (drain) → `draining`: what comes then is given back, what runs goes on until it is told otherwise.
 */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #runs = new Map<string, TaskRun>();
  readonly #handling = new Set<Promise<void>>();
  #isDraining = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** The runs that are under way. */
  get runs(): Iterable<TaskRun> {
    return this.#runs.values();
  }

  /** How many runs are under way. */
  get running(): number {
    return this.#runs.size;
  }

  /** From a delivery to its acknowledgement, which is due when this resolves; when it rejects, the message goes back. */
  take(delivery: Delivery): Promise<void> {
    const tracked = this.#handle(delivery).finally(() => this.#handling.delete(tracked));
    this.#handling.add(tracked);
    return tracked;
  }

  /** Takes nothing more. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Resolves when no delivery is handled any more. */
  async idle(): Promise<void> {
    while (this.#handling.size > 0) await Promise.allSettled(this.#handling);
  }

  /** What the lease keeper says. */
  onLeaseSignal(owner: Owner, signal: LeaseSignal): void {
    this.#runs.get(owner.token)?.onLeaseSignal(signal);
  }

  async #handle(delivery: Delivery): Promise<void> {
    const { name, claimant, environment } = this.#options;
    const { logger } = claimant;
    crashPoint("scheduler.after_delivery");
    const task = readTask(delivery.message, name);
    if (task === undefined) {
      logger.error({ task: delivery.message.id }, "message is no task for this scheduler, sent to the dead letters");
      delivery.drop();
      return;
    }
    if (this.#isDraining) throw new Error(`Instance ${claimant.instance} is stopping and takes no task.`);
    const claimed = await claimTask(task, delivery.message, { ...claimant, restore: (id) => this.#restore(id) });
    delivery.owned();
    if (claimed.answer !== "granted") return this.#refuse(task, claimed.answer);
    crashPoint("scheduler.after_claim");
    const { token } = claimed.copy.owner;
    const run = new TaskRun(environment, claimed);
    this.#runs.set(token, run);
    this.#options.onRun(task.id);
    if (this.#isDraining) run.stop("shutdown");
    try {
      await run.execute();
    } catch (error) {
      // A lease that nobody renews ends, and then the task is recovered.
      logger.error({ task: task.id, error: errorMessage(error) }, "run failed in an unforeseen way");
    } finally {
      this.#runs.delete(token);
    }
  }

  async #restore(id: string): Promise<boolean> {
    const run = [...this.#runs.values()].find((candidate) => candidate.id === id && candidate.isOwned);
    await run?.restore();
    return run?.isOwned === true;
  }

  /** The delivery is not for this instance; the claim may have ended the task, and then there is something to tell. */
  async #refuse(task: Task, answer: Exclude<ClaimAnswer["answer"], "granted">): Promise<void> {
    const { claimant, environment } = this.#options;
    claimant.logger.debug({ task: task.id, answer }, "delivery not for this instance");
    if (answer !== "expired" && answer !== "exhausted" && answer !== "aborting") return;
    const view = await untilAnswered(() => claimant.store.find(task.id), claimant);
    if (view?.state === "done") await environment.onEnd(task, view);
  }
}
