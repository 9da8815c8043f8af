import type { Delivery } from "@mayfly/queue";
import { crashPoint, errorMessage } from "@mayfly/service";
import type { ClaimAnswer, Owner, LeaseSignal } from "@mayfly/store";
import type { Task } from "@mayfly/task";
import { type Claimant, type Claimed, claimTask } from "./claim-task.ts";
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
  /** When each run ends, and for which attempt it is; by claim token, like the runs. */
  readonly #attempts = new Map<string, { readonly attempt: number; readonly ended: Promise<void> }>();
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
    if (!(await this.#endNamesake(claimed))) return this.#giveBack(claimed);
    const { token, attempt } = claimed.copy.owner;
    const run = new TaskRun(environment, claimed);
    this.#runs.set(token, run);
    this.#options.onRun(task.id);
    if (this.#isDraining) run.stop("shutdown");
    const ended = run.execute();
    this.#attempts.set(token, { attempt, ended });
    try {
      await ended;
    } catch (error) {
      // A lease that nobody renews ends, and then the task is recovered.
      logger.error({ task: task.id, error: errorMessage(error) }, "run failed in an unforeseen way");
    } finally {
      this.#runs.delete(token);
      this.#attempts.delete(token);
    }
  }

  /**
   * Attempts begin anew when a task is scheduled again that the store has lost. If its owner before that still works on
   * it here, both claims would have the same work: that one ends first. Resolves with whether it has.
   */
  async #endNamesake({ copy }: Claimed): Promise<boolean> {
    const { clock } = this.#options.claimant;
    const { id, attempt, token } = copy.owner;
    const found = [...this.#runs].find(
      ([other, run]) => other !== token && run.id === id && this.#attempts.get(other)?.attempt === attempt,
    );
    if (found === undefined) return true;
    const [other, run] = found;
    run.stop("lost");
    const waited = new AbortController();
    const ended = Promise.allSettled([this.#attempts.get(other)?.ended]).then(() => true);
    const tooLate = clock.sleep(copy.leaseMs / 3, { signal: waited.signal }).then(() => false);
    const hasEnded = await Promise.race([ended, tooLate]);
    waited.abort();
    return hasEnded;
  }

  /** The next claim has another attempt, so that it does not matter what still runs here. */
  async #giveBack({ task, copy }: Claimed): Promise<void> {
    const { claimant, environment } = this.#options;
    const answer = await untilAnswered(
      () => claimant.store.release(copy.owner, { cause: "give_back", delayMs: 0 }),
      claimant,
    );
    claimant.logger.warn({ task: task.id, answer: answer?.answer ?? "none" }, "task given back: its last run goes on");
    if (answer?.answer === "ended") await environment.onEnd(task, answer.view);
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
