import { type Clock, errorMessage, type Logger } from "@mayfly/service";
import { killRun } from "./kill-run.ts";
import type { ProcessTable } from "./process-table.ts";
import { type RunRecord, runName } from "./run-record.ts";
import type { StateFolder } from "./state-folder.ts";

/** Ends runs that nobody waits for any more, as the state folder names them. */
export class AbandonedRuns {
  readonly #state: StateFolder;
  readonly #table: ProcessTable;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(parts: {
    readonly state: StateFolder;
    readonly table: ProcessTable;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#state = parts.state;
    this.#table = parts.table;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  /** Ends the runs whose owners have died. Never rejects: what cannot be ended now is met again. */
  async endOrphans(): Promise<void> {
    const records = await this.#state.records().catch((error: unknown) => this.#warn(undefined, error));
    for (const record of records ?? []) {
      try {
        if (await this.#isOwnerAlive(record)) continue;
        await this.end(record);
        this.#logger.warn({ run: runName(record) }, "run of a process that has died ended");
      } catch (error) {
        this.#warn(record, error);
      }
    }
  }

  /** Kills what is left of a run and removes it. Rejects when its processes do not die. */
  async end(record: RunRecord): Promise<void> {
    const isGone = await killRun(record, { table: this.#table, clock: this.#clock, isGroupOurs: false });
    if (!isGone) throw new Error(`Processes of ${runName(record)} do not end when killed.`);
    await this.#state.remove(record);
  }

  async #isOwnerAlive({ owner }: RunRecord): Promise<boolean> {
    const found = await this.#table.find(owner.pid);
    return found?.isRunning === true && found.start === owner.start;
  }

  #warn(record: RunRecord | undefined, error: unknown): undefined {
    const run = record === undefined ? undefined : runName(record);
    this.#logger.warn({ run, error: errorMessage(error) }, "run of a process that has died not ended");
  }
}
