import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InMemoryQueue } from "@mayfly/queue";
import type { QueueHarness } from "@mayfly/queue/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contractCases, verifyCase } from "../src/contract/contract-cases.ts";
import { type Mutant, mutants } from "./mutants.ts";

interface QueueModule {
  readonly InMemoryQueue: typeof InMemoryQueue;
}

const packageFolder = join(import.meta.dirname, "..");
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mayfly-mutants-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe.concurrent("the contract", () => {
  it.each(mutants)("[QUEUE-17] fails a queue that $title", { timeout: 60_000 }, async (mutant) => {
    expect(await failingCase(await load(mutant), 500, mutant.area)).toBeDefined();
  });

  it("[QUEUE-17] passes a copy in which nothing was changed", { timeout: 60_000 }, async () => {
    const same = { title: "does all as it should", file: "in-memory-queue.ts", find: "class I", replace: "class I" };
    expect(await failingCase(await load(same), 5_000)).toBeUndefined();
  });
});

/** The module of the in-process queue, from a copy of the sources with the bug in it. */
async function load(mutant: Mutant): Promise<QueueModule> {
  const copy = join(folder, String(mutants.indexOf(mutant)));
  await cp(join(packageFolder, "src"), join(copy, "src"), { recursive: true });
  await symlink(join(packageFolder, "node_modules"), join(copy, "node_modules"));
  const file = join(copy, "src", mutant.file);
  const parts = (await readFile(file, "utf8")).split(mutant.find);
  expect(parts, `${mutant.file} has one place for the bug`).toHaveLength(2);
  await writeFile(file, parts.join(mutant.replace));
  return (await import(/* @vite-ignore */ join(copy, "src", "in-memory-queue.ts"))) as QueueModule;
}

/** The title of the first case that the queue fails; those of `area` come first. */
async function failingCase({ InMemoryQueue }: QueueModule, patienceMs: number, area = ""): Promise<string | undefined> {
  const open = (): QueueHarness => {
    const queue = new InMemoryQueue();
    return { queue, patienceMs, close: () => queue.close() };
  };
  const areas = new Set([area, ...Object.keys(contractCases)]);
  for (const contractCase of [...areas].flatMap((each) => contractCases[each] ?? [])) {
    try {
      await verifyCase(contractCase, open);
    } catch {
      return contractCase.title;
    }
  }
  return undefined;
}
