import { readdir, rmdir } from "node:fs/promises";
import { join } from "node:path";

const root = "/sys/fs/cgroup";

/** Removes the control groups below `name` in every hierarchy, of version 1 and 2. They must have no processes left. */
export async function removeControlGroups(name: string): Promise<void> {
  const hierarchies = [root, ...(await folders(root)).map((folder) => join(root, folder))];
  await Promise.all(hierarchies.map((hierarchy) => removeGroup(join(hierarchy, name))));
}

async function removeGroup(group: string): Promise<void> {
  for (const child of await folders(group)) await removeGroup(join(group, child));
  // A group that is not there, or still has a dying process, is no reason to fail: it is empty and holds nothing.
  await rmdir(group).catch(() => undefined);
}

async function folders(path: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}
