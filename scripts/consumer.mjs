import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { root } from "./run.mjs";

/** What a user of the packages installs beside them: the peers, and the tools to type-check. */
const companions = ["typescript", "@types/node", "vitest", "zod"];

/**
 * Writes a project that uses every entry point of the packages. It knows nothing of this repository but the tarballs.
 *
 * @param {string} folder
 * @param {readonly import("./packages.mjs").PackedPackage[]} packed
 */
export function writeConsumer(folder, packed) {
  const entries = packed.flatMap(({ name, entries }) => entries.map((entry) => posix.join(name, entry)));
  mkdirSync(folder, { recursive: true });
  /** @type {(file: string, text: string) => void} */
  const write = (file, text) => writeFileSync(join(folder, file), text);

  write("package.json", JSON.stringify(manifest(packed), undefined, 2));
  write("import.mjs", entries.map(importing).join("\n"));
  write("require.cjs", entries.map(requiring).join("\n"));
  write("types.ts", entries.map(reexporting).join("\n"));
  write("tsconfig.nodenext.json", JSON.stringify(compiler("NodeNext", "NodeNext")));
  write("tsconfig.bundler.json", JSON.stringify(compiler("ESNext", "Bundler")));
}

/** @param {readonly import("./packages.mjs").PackedPackage[]} packed */
function manifest(packed) {
  const tarballs = packed.map(({ name, tarball }) => [name, `file:${tarball}`]);
  return {
    name: "consumer",
    private: true,
    type: "module",
    dependencies: Object.fromEntries([...tarballs, ...companions.map((name) => [name, versionOf(name)])]),
  };
}

/**
 * The version of a companion that this repository uses.
 *
 * @param {string} name
 */
function versionOf(name) {
  const range = new RegExp(`^  "?${name}"?: (.+)$`, "m").exec(
    readFileSync(join(root, "pnpm-workspace.yaml"), "utf8"),
  )?.[1];
  if (range === undefined) throw new Error(`The catalog of pnpm-workspace.yaml has no ${name}.`);
  return range;
}

const check = `if (Object.keys(entry).length === 0) throw new Error("It exports nothing.");`;

/** @param {string} entry */
function importing(entry) {
  return `{ const entry = await import("${entry}"); ${check} }`;
}

/** @param {string} entry */
function requiring(entry) {
  return `{ const entry = require("${entry}"); ${check} }`;
}

/**
 * Every exported name, so that a name whose type is missing from the tarball does not compile.
 *
 * @param {string} entry
 * @param {number} index
 */
function reexporting(entry, index) {
  const api = JSON.parse(readFileSync(join(root, "test/public-api.json"), "utf8"));
  /** @type {readonly string[]} */
  const names = api[entry] ?? [];
  const list = names.map((name) => `${name} as ${name.replace(/^type /, "")}_${index}`).join(", ");
  return `export { ${list} } from "${entry}";`;
}

/**
 * @param {string} module
 * @param {string} moduleResolution
 */
function compiler(module, moduleResolution) {
  return {
    compilerOptions: {
      module,
      moduleResolution,
      target: "ES2023",
      lib: ["ES2023", "ESNext.Disposable"],
      types: ["node"],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      // The declarations of other people's packages are not ours to check.
      skipLibCheck: true,
    },
    files: ["types.ts"],
  };
}
