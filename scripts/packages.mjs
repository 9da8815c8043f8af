/**
 * Checks every published package as its users get it: packs it, looks at the tarball (publint, attw), installs
 * all tarballs in a clean project outside of this repository, imports and requires every entry point, and
 * type-checks every exported name under the resolutions NodeNext and Bundler.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeConsumer } from "./consumer.mjs";
import { installed, pnpm, root, run } from "./run.mjs";
import { workspacePackages } from "./workspace.mjs";

/** @typedef {import("./workspace.mjs").WorkspacePackage & { tarball: string }} PackedPackage */

/** Every check runs, whatever fails; the output says what failed. */
export async function checkPackages() {
  const folder = mkdtempSync(join(tmpdir(), "mayfly-packages-"));
  try {
    /** @type {string[]} */
    const problems = [];
    const packed = await pack(folder, problems);
    for (const one of packed) problems.push(...(await tarballProblems(one)));
    if (problems.length === 0) problems.push(...(await consumerProblems(join(folder, "consumer"), packed)));
    const summary = `${packed.length} packages checked`;
    return { code: problems.length === 0 ? 0 : 1, output: [...problems, summary].join("\n\n") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder
 * @param {string[]} problems
 * @returns {Promise<readonly PackedPackage[]>}
 */
async function pack(folder, problems) {
  const packed = [];
  for (const one of workspacePackages().filter(({ isPublic }) => isPublic)) {
    const { code, output } = await pnpm(["pack", "--json", "--pack-destination", folder], { cwd: one.dir });
    const tarball = /"filename":\s*"([^"]+)"/.exec(output)?.[1];
    if (code === 0 && tarball !== undefined)
      packed.push({ ...one, tarball: join(folder, tarball.split("/").at(-1) ?? "") });
    else problems.push(`${one.name} cannot be packed:\n${output}`);
  }
  return packed;
}

/** Files that no package may do without. */
const required = ["package/package.json", "package/LICENSE"];
/** Files that nobody needs. */
const unwanted = /^package\/(test|scripts)\/|\.test\.|tsconfig|\.tsbuildinfo$/;

/**
 * @param {PackedPackage} one
 * @returns {Promise<readonly string[]>}
 */
async function tarballProblems({ name, dir, tarball }) {
  const problems = [];
  const list = await run("tar", ["-tzf", tarball]);
  const files = list.output.trim().split("\n");
  for (const file of [...required, ...targets(dir)].filter((file) => !files.includes(file))) {
    problems.push(`${name}: the tarball lacks ${file}.`);
  }
  for (const file of files.filter((file) => unwanted.test(file))) problems.push(`${name}: the tarball has ${file}.`);
  const manifest = await run("tar", ["-xzOf", tarball, "package/package.json"]);
  if (/"(workspace|catalog):/.test(manifest.output))
    problems.push(`${name}: its package.json still has workspace: or catalog:.`);
  for (const [program, args] of /** @type {const} */ ([
    ["publint", ["run", tarball, "--strict"]],
    ["attw", [tarball, "--profile", "esm-only", "--no-color", "--no-emoji"]],
  ])) {
    const { code, output } = await run(join(root, "node_modules/.bin", program), args);
    if (code !== 0) problems.push(`${name}: ${program} says:\n${output}`);
  }
  return problems;
}

/**
 * What `exports` points to, as paths in the tarball.
 *
 * @param {string} dir
 * @returns {readonly string[]}
 */
function targets(dir) {
  const { exports = {} } = JSON.parse(readFileSync(join(dir, "package.json"), "utf8"));
  return Object.values(exports)
    .flatMap((target) => (typeof target === "string" ? [target] : Object.values(target)))
    .map((target) => String(target).replace(/^\.\//, "package/"));
}

/**
 * @param {string} folder
 * @param {readonly PackedPackage[]} packed
 * @returns {Promise<readonly string[]>}
 */
async function consumerProblems(folder, packed) {
  writeConsumer(folder, packed);
  const args = ["install", "--no-audit", "--no-fund", "--loglevel=error"];
  const installation = await installed(() => run("npm", args, { cwd: folder }));
  if (installation.code !== 0) return [`The tarballs cannot be installed:\n${installation.output}`];
  const problems = [];
  const checks = /** @type {const} */ ([
    ["imported", "node", ["import.mjs"]],
    ["required", "node", ["require.cjs"]],
    ["type-checked under NodeNext", "npx", ["--no-install", "tsc", "-p", "tsconfig.nodenext.json"]],
    ["type-checked under Bundler", "npx", ["--no-install", "tsc", "-p", "tsconfig.bundler.json"]],
  ]);
  for (const [what, program, args] of checks) {
    const { code, output } = await run(program, args, { cwd: folder });
    if (code !== 0) problems.push(`The packages cannot be ${what}:\n${output}`);
  }
  return problems;
}

if (import.meta.filename === process.argv[1]) {
  const { code, output } = await checkPackages();
  console.log(output);
  process.exitCode = code;
}
