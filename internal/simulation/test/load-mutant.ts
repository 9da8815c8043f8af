import { cp, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { HeartbeatLeaseKeeper, InMemoryStore } from "@mayfly/store";
import type { Mutant } from "./mutants.ts";

/** The folder of the store package. */
const storeFolder = join(fileURLToPath(import.meta.resolve("@mayfly/store/package.json")), "..");

/** What a simulation takes of the store package. */
export interface StoreParts {
  readonly Store: typeof InMemoryStore;
  readonly LeaseKeeper: typeof HeartbeatLeaseKeeper;
}

/** The store package without a guard, from a copy of its sources in the new folder `copy`. */
export async function loadMutant(mutant: Mutant, copy: string): Promise<StoreParts> {
  await cp(join(storeFolder, "src"), join(copy, "src"), { recursive: true });
  await symlink(join(storeFolder, "node_modules"), join(copy, "node_modules"));
  const file = join(copy, "src", mutant.file);
  const parts = (await readFile(file, "utf8")).split(mutant.find);
  if (parts.length !== 2) throw new Error(`${mutant.file} has ${parts.length - 1} places for the bug, not one.`);
  await writeFile(file, parts.join(mutant.replace));
  const load = (name: string): Promise<unknown> => import(/* @vite-ignore */ join(copy, "src", name));
  const { InMemoryStore: Store } = (await load("in-memory-store.ts")) as { InMemoryStore: StoreParts["Store"] };
  const { HeartbeatLeaseKeeper: LeaseKeeper } = (await load("heartbeat-lease-keeper.ts")) as {
    HeartbeatLeaseKeeper: StoreParts["LeaseKeeper"];
  };
  return { Store, LeaseKeeper };
}
