import { cp, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { InMemoryStore } from "@mayfly/store";
import type { Mutant } from "./mutants.ts";

/** The folder of the store package. */
const storeFolder = join(fileURLToPath(import.meta.resolve("@mayfly/store/package.json")), "..");

/** The in-process store without a guard, from a copy of its sources in the new folder `copy`. */
export async function loadMutant(mutant: Mutant, copy: string): Promise<typeof InMemoryStore> {
  await cp(join(storeFolder, "src"), join(copy, "src"), { recursive: true });
  await symlink(join(storeFolder, "node_modules"), join(copy, "node_modules"));
  const file = join(copy, "src", mutant.file);
  const parts = (await readFile(file, "utf8")).split(mutant.find);
  if (parts.length !== 2) throw new Error(`${mutant.file} has ${parts.length - 1} places for the bug, not one.`);
  await writeFile(file, parts.join(mutant.replace));
  const module = (await import(/* @vite-ignore */ join(copy, "src", "in-memory-store.ts"))) as {
    readonly InMemoryStore: typeof InMemoryStore;
  };
  return module.InMemoryStore;
}
