import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { RuntimeError } from "@mayfly/runtime";

/**
 * The absolute path of `program`: looked up in `path` (folders with colons between) if it has no slash, else as seen
 * from `cwd`.
 *
 * @throws RuntimeError `rejected` when there is none that can be executed
 */
export async function findProgram(program: string, path: string, cwd: string): Promise<string> {
  const folders = program.includes("/") ? [cwd] : path.split(":").filter((folder) => folder.startsWith("/"));
  for (const folder of folders) {
    const candidate = resolve(folder, program);
    if (await isProgram(candidate)) return candidate;
  }
  throw new RuntimeError("rejected", `There is no program ${JSON.stringify(program)} on this host.`);
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
