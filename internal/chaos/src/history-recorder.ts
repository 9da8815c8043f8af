import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TaskEvent } from "@mayfly/task";
import type { ApiAnswer, FaultSpan, History, PostedTask, ProcessExit, RunLine } from "./history.ts";

/** The parts of a history that are told while the run goes on. */
interface Told {
  readonly tasks: PostedTask;
  readonly answers: ApiAnswer;
  readonly events: TaskEvent;
  readonly faults: FaultSpan;
  readonly exits: ProcessExit;
  readonly eventGaps: string;
}

const parts = ["tasks", "answers", "events", "faults", "exits", "eventGaps"] as const;

/** Keeps the history of a run in memory, and in files of one JSON value a line for whoever looks into a violation. */
export class HistoryRecorder {
  /** Where the files are. */
  readonly folder: string;
  /** Where the handlers of the run write. */
  readonly journals: string;
  /** Where the programs of the run write. */
  readonly logs: string;
  readonly #told: { [Part in keyof Told]: Told[Part][] } = {
    tasks: [],
    answers: [],
    events: [],
    faults: [],
    exits: [],
    eventGaps: [],
  };
  readonly #files: Readonly<Record<keyof Told, WriteStream>>;

  private constructor(folder: string) {
    this.folder = folder;
    this.journals = join(folder, "journals");
    this.logs = join(folder, "logs");
    const file = (part: string): WriteStream => createWriteStream(join(folder, `${part}.ndjson`));
    this.#files = Object.fromEntries(parts.map((part) => [part, file(part)])) as Record<keyof Told, WriteStream>;
  }

  /** Begins a history in a folder, which is made if it is missing. */
  static async begin(folder: string): Promise<HistoryRecorder> {
    const recorder = new HistoryRecorder(folder);
    for (const one of [recorder.journals, recorder.logs]) await mkdir(one, { recursive: true });
    return recorder;
  }

  /** Adds to one part. */
  tell<Part extends keyof Told>(part: Part, value: Told[Part]): void {
    this.#told[part].push(value);
    this.#files[part].write(`${JSON.stringify(value)}\n`);
  }

  /** How much of a part there is. */
  count(part: keyof Told): number {
    return this.#told[part].length;
  }

  /** All that is known, with what the handlers have written by now. */
  async read(): Promise<History> {
    return { ...this.#told, runs: await readJournals(this.journals) };
  }

  /** Resolves when all is in the files. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.#files).map((file) => new Promise((resolve) => file.end(resolve))));
  }
}

async function readJournals(folder: string): Promise<readonly RunLine[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".ndjson"));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  return texts.flatMap(parseLines).sort((a, b) => a.atMs - b.atMs);
}

/** A process that was killed may have left its last line unfinished. */
function parseLines(text: string): readonly RunLine[] {
  const lines = text.split("\n");
  lines.pop();
  return lines.map((line) => JSON.parse(line) as RunLine);
}
