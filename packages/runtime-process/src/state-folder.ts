import { createHash } from "node:crypto";
import { lstat, mkdir, readdir, readFile, readlink, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { type RunRecord, runName, runRecordSchema } from "./run-record.ts";

/**
 * Where the runs of a host are noted down, and where each has its private folder: `<root>/<host>/<name>.json` and
 * `<root>/<host>/<name>/`. Processes of other boots and containers have other numbers, so each has a part of its own.
 */
export class StateFolder {
  readonly #root: string;
  #folder: Promise<string> | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** Makes the folder. Rejects when it cannot be made, or when others could change what is in it. */
  async open(): Promise<void> {
    await this.#open();
  }

  /** Makes the private folder of a run, empty, once the run is noted down. @returns its path */
  async create(record: RunRecord): Promise<string> {
    await this.note(record);
    const folder = join(await this.#open(), runName(record));
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { mode: 0o700 });
    return folder;
  }

  /** Notes down a run, or what has become known of it. */
  async note(record: RunRecord): Promise<void> {
    const path = join(await this.#open(), runName(record));
    await writeFile(`${path}.tmp`, JSON.stringify(record), { mode: 0o600 });
    await rename(`${path}.tmp`, `${path}.json`);
  }

  /** Removes what there is of a run, the note last: until then whoever comes next finds it. */
  async remove(record: Pick<RunRecord, "taskId" | "run" | "attempt">): Promise<void> {
    const path = join(await this.#open(), runName(record));
    await rm(path, { recursive: true, force: true });
    await rm(`${path}.tmp`, { force: true });
    await rm(`${path}.json`, { force: true });
  }

  /** The runs that are noted down; with `taskId` and `run`, those of that run. */
  async records(of?: Pick<RunRecord, "taskId" | "run">): Promise<readonly RunRecord[]> {
    const folder = await this.#open();
    const prefix = of === undefined ? "task-" : `task-${of.taskId}-${of.run}-`;
    const names = (await readdir(folder)).filter((name) => name.startsWith(prefix) && name.endsWith(".json"));
    const records = await Promise.all(names.map((name) => readRecord(join(folder, name))));
    return records.filter((record) => record !== undefined);
  }

  #open(): Promise<string> {
    this.#folder ??= this.#make().catch((error: unknown) => {
      this.#folder = undefined;
      throw error;
    });
    return this.#folder;
  }

  async #make(): Promise<string> {
    await mkdir(this.#root, { recursive: true, mode: 0o700 });
    const status = await lstat(this.#root);
    const isOurs = status.isDirectory() && status.uid === process.getuid?.() && (status.mode & 0o022) === 0;
    if (!isOurs) throw new Error(`The folder ${this.#root} is not one that only this user can write to.`);
    const folder = join(this.#root, await hostPart());
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return folder;
  }
}

/** Undefined for one that is gone, or that is not whole. */
async function readRecord(path: string): Promise<RunRecord | undefined> {
  try {
    return runRecordSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}

/** Names the set of processes whose numbers mean the same: a boot of a host, and a container on it. */
async function hostPart(): Promise<string> {
  const parts = await Promise.all([
    readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => hostname()),
    readlink("/proc/self/ns/pid").catch(() => ""),
  ]);
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 16);
}
