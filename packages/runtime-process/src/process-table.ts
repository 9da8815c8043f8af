/** A process of this host. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** When it started, by a count of the host's own; with the pid it names one process. */
  readonly start: number;
  /** Whether it runs: false once it has ended and waits to be collected by its parent. */
  readonly isRunning: boolean;
}

/** The processes of this host. */
export interface ProcessTable {
  /** Every process that can be seen now. Rejects when the host does not tell, which is not the same as none. */
  read(): Promise<readonly ProcessEntry[]>;
  /** One process. */
  find(pid: number): Promise<ProcessEntry | undefined>;
  /** The value of MAYFLY_RUN_MARK that a process was started with, where the host tells. */
  markOf(pid: number): Promise<string | undefined>;
}

/** The variable that processes of a run are found by when they have left its group; children inherit it. */
export const markVariable = "MAYFLY_RUN_MARK";

/** A table whose readers share readings: those who ask while one is under way get the next one. */
export class SharedProcessTable implements ProcessTable {
  readonly #table: ProcessTable;
  #current: Promise<unknown> = Promise.resolve();
  #next: Promise<readonly ProcessEntry[]> | undefined;

  constructor(table: ProcessTable) {
    this.#table = table;
  }

  read(): Promise<readonly ProcessEntry[]> {
    this.#next ??= this.#current.then(() => {
      const reading = this.#table.read();
      this.#current = reading.catch(() => undefined);
      this.#next = undefined;
      return reading;
    });
    return this.#next;
  }

  find(pid: number): Promise<ProcessEntry | undefined> {
    return this.#table.find(pid);
  }

  markOf(pid: number): Promise<string | undefined> {
    return this.#table.markOf(pid);
  }
}
