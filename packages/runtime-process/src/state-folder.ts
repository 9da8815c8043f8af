import { createHash } from "node:crypto";
import { access, lstat, mkdir, readdir, readFile, readlink, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { type RunRecord, runRecordSchema } from "./run-record.ts";

/** A run in the {@link StateFolder}. */
export interface NotedRun {
  /** What its files are named. Of another version of this package it need not be what this one would name them. */
  readonly name: string;
  readonly record: RunRecord;
}

const noteEnd = ".json";
const revokedEnd = ".revoked";

/**
 * Where the runs of a host are noted down, and where each has its private folder: `<root>/<host>/<name>.json`
 * (`.revoked` once it is to be ended) and `<root>/<host>/<name>/`. Processes of other boots and containers have other numbers, so each has a part of its own.
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

  /** Makes the private folder of a run. @returns its path */
  async makeFolder(name: string): Promise<string> {
    const folder = join(await this.#open(), name);
    await mkdir(folder, { mode: 0o700 });
    return folder;
  }

  /** Notes down a run, or what has become known of it. */
  async note({ name, record }: NotedRun): Promise<void> {
    const path = join(await this.#open(), name);
    await writeFile(`${path}.tmp`, JSON.stringify(record), { mode: 0o600 });
    await rename(`${path}.tmp`, `${path}${noteEnd}`);
  }

  /** Whether a run is noted down, and nobody has revoked it. */
  async isNoted(name: string): Promise<boolean> {
    const path = join(await this.#open(), `${name}${noteEnd}`);
    return access(path).then(
      () => true,
      () => false,
    );
  }

  /**
   * Tells the owner of a run that it is to be ended: it may be about to start the command. The run is found as before.
   *
   * @returns the run as it is noted down; undefined when it is gone
   */
  async revoke(name: string): Promise<NotedRun | undefined> {
    const path = join(await this.#open(), name);
    await rename(`${path}${noteEnd}`, `${path}${revokedEnd}`).catch((error: unknown) => {
      // Somebody else has done it before.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    });
    const record = await readRecord(`${path}${revokedEnd}`);
    return record === undefined ? undefined : { name, record };
  }

  /** Removes what there is of a run, the note last: until then whoever comes next finds it. */
  async remove(name: string): Promise<void> {
    const path = join(await this.#open(), name);
    await rm(path, { recursive: true, force: true });
    for (const end of [".tmp", noteEnd, revokedEnd]) await rm(`${path}${end}`, { force: true });
  }

  /** The runs that are noted down; with `taskId` and `run`, those of that run. */
  async runs(of?: Pick<RunRecord, "taskId" | "run">): Promise<readonly NotedRun[]> {
    const folder = await this.#open();
    const prefix = of === undefined ? "task-" : `task-${of.taskId}-${of.run}-`;
    const files = (await readdir(folder)).filter((file) => file.startsWith(prefix));
    const found = await Promise.all(
      [revokedEnd, noteEnd].flatMap((end) =>
        files
          .filter((file) => file.endsWith(end))
          .map(async (file) => ({ name: file.slice(0, -end.length), record: await readRecord(join(folder, file)) })),
      ),
    );
    const runs = found.flatMap(({ name, record }) => (record === undefined ? [] : [{ name, record }]));
    // One that is noted down both ways was noted last by its owner, who knows its group.
    return [...new Map(runs.map((run) => [run.name, run])).values()];
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
