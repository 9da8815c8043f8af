import { existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { pnpm, root } from "./run.mjs";
import { workspacePackages } from "./workspace.mjs";

/**
 * Builds packages with everything that they depend on; what has not changed comes from turbo's cache.
 *
 * @param {readonly string[]} [names] the packages; all of them by default
 */
export async function build(names = []) {
  removeStaleOutput();
  const filters = names.map((name) => `--filter=${name}`);
  const args = [
    "exec",
    "turbo",
    "run",
    "build",
    "--output-logs=errors-only",
    "--no-update-notifier",
    "--continue=dependencies-successful",
    ...filters,
  ];
  const { code, output } = await pnpm(args);
  if (code !== 0) throw new Error(`The build failed.\n${output}`);
}

/** Deletes what earlier builds have made of sources that are no more, so that it is not published. */
function removeStaleOutput() {
  for (const { dir } of workspacePackages()) {
    const dist = join(dir, "dist");
    if (!existsSync(dist)) continue;
    for (const file of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
      const stem = /^(.*?)\.(js|js\.map|d\.ts|d\.ts\.map)$/.exec(file)?.[1];
      if (stem === undefined) continue;
      const isStale = [".ts", ".tsx"].every((extension) => !existsSync(join(dir, "src", stem + extension)));
      if (isStale) rmSync(join(dist, file), { force: true });
    }
    removeIfEmpty(dist);
  }
}

/** @param {string} folder */
function removeIfEmpty(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeIfEmpty(join(folder, entry.name));
  }
  if (readdirSync(folder).length === 0 && dirname(folder) !== root) rmSync(folder, { recursive: true });
}

if (import.meta.filename === process.argv[1]) {
  try {
    await build(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
