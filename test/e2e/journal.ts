import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What to give a scheduler so that its handlers write into a {@link Journal}. */
export const recordingHandlers: Readonly<Record<string, string>> = {
  MAYFLY_HANDLERS: fileURLToPath(new URL("./handlers/recording-handlers.mjs", import.meta.url)),
};

/** A file into which handlers write what they do, from any process. */
export class Journal implements AsyncDisposable {
  readonly #folder: string;
  readonly file: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.file = join(folder, "journal");
  }

  static async open(): Promise<Journal> {
    const journal = new Journal(await mkdtemp(join(tmpdir(), "mayfly-journal-")));
    await writeFile(journal.file, "");
    return journal;
  }

  /** The lines so far, each split at its spaces. */
  async lines(): Promise<readonly (readonly string[])[]> {
    const text = await readFile(this.file, "utf8");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split(" "));
  }

  /** Lets everything that runs with the handler `hold` end. */
  async release(): Promise<void> {
    await writeFile(`${this.file}.released`, "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }
}
