import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InMemoryStore } from "@mayfly/store";
import { afterAll, beforeAll, expect } from "vitest";
import { contractCases, verifyCase } from "../src/contract/contract-cases.ts";
import { openInMemoryHarness } from "./in-memory-harness.ts";
import type { Mutant } from "./mutant.ts";

interface StoreModule {
  readonly InMemoryStore: typeof InMemoryStore;
}

const packageFolder = join(import.meta.dirname, "..");
const cases = Object.values(contractCases).flat();

/** Gives what tries the contract suite on the store with a bug in it: the title of the first case that finds the bug. */
export function findingCases(): (mutant: Mutant) => Promise<string | undefined> {
  let folder: string;
  let count = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mayfly-mutants-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  return async (mutant) => await failingCase(await load(mutant, join(folder, String(count++))));
}

/** The module of the in-process store, from a copy of the sources with the bug in it. */
async function load(mutant: Mutant, copy: string): Promise<StoreModule> {
  await cp(join(packageFolder, "src"), join(copy, "src"), { recursive: true });
  await symlink(join(packageFolder, "node_modules"), join(copy, "node_modules"));
  const file = join(copy, "src", mutant.file);
  const parts = (await readFile(file, "utf8")).split(mutant.find);
  expect(parts, `${mutant.file} has one place for the bug`).toHaveLength(2);
  await writeFile(file, parts.join(mutant.replace));
  return (await import(/* @vite-ignore */ join(copy, "src", "in-memory-store.ts"))) as StoreModule;
}

/** The title of the first case that the store fails. */
async function failingCase({ InMemoryStore }: StoreModule): Promise<string | undefined> {
  for (const contractCase of cases) {
    try {
      await verifyCase(contractCase, () => openInMemoryHarness({ Store: InMemoryStore }));
    } catch {
      return contractCase.title;
    }
  }
  return undefined;
}
