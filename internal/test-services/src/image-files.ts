import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "./service-programs.ts";

/** Writes the files of a small Linux into `folder`: a static busybox under the names of all its commands. */
export async function writeImageFiles(folder: string): Promise<void> {
  const busybox = await findProgram("busybox");
  if (busybox === undefined) throw new Error("busybox is not on the PATH.");
  const bin = join(folder, "bin");
  await mkdir(bin);
  for (const name of ["tmp", "proc", "sys", "dev", "etc"]) await mkdir(join(folder, name));
  await chmod(folder, 0o755);
  await chmod(join(folder, "tmp"), 0o1777);
  await copyFile(busybox, join(bin, "busybox"));
  await copyFile(busybox, join(bin, "busybox-setuid"));
  await chmod(join(bin, "busybox-setuid"), 0o4755);
  await writeFile(join(folder, "etc/passwd"), "root::0:0:root:/:/bin/sh\n");
  const { stdout } = await promisify(execFile)(busybox, ["--list"]);
  const commands = stdout.split("\n").filter((name) => name !== "" && name !== "busybox");
  for (const name of commands) await symlink("busybox", join(bin, name));
}
