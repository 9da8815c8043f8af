/**
 * Writes src/scripts.generated.ts: the Lua scripts of src/scripts with their shared parts put in, and the order of the
 * fields of a record and a tombstone, so that Lua and TypeScript cannot disagree about it.
 *
 * node scripts/generate.mjs           writes it
 * node scripts/generate.mjs --check   fails if it is not up to date
 */
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const source = new URL("../src/scripts/", import.meta.url);
const target = new URL("../src/scripts.generated.ts", import.meta.url);

/**
 * Puts each shared part in the place of the line that names it. A part that is named twice comes once.
 *
 * @param {string} file
 */
async function assemble(file) {
  const included = new Set();
  /** @type {string[]} */
  const parts = [];
  for (const line of (await readFile(new URL(file, source), "utf8")).split("\n")) {
    const part = /^-- include: (\S+)$/.exec(line)?.[1];
    if (part === undefined) parts.push(line);
    else if (!included.has(part)) {
      included.add(part);
      parts.push(withoutComments(await readFile(new URL(part, source), "utf8")));
    }
  }
  return `${withoutComments(parts.join("\n"))}\n`;
}

/**
 * A script without what Redis does not need: comment lines and empty lines.
 *
 * @param {string} lua
 */
function withoutComments(lua) {
  return lua
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^\s*--/.test(line))
    .join("\n");
}

/**
 * The strings of `local <name> = { … }` in a Lua file.
 *
 * @param {string} lua
 * @param {string} name
 */
function stringList(lua, name) {
  const list = new RegExp(`local ${name} = \\{([^}]*)\\}`).exec(lua)?.[1];
  if (list === undefined) throw new Error(`shared/record.lua has no list ${name}`);
  return [...list.matchAll(/'([^']*)'/g)].map((match) => match[1]);
}

/** @param {string} name - in kebab-case */
function camelCase(name) {
  return name.replace(/-./g, (part) => part.slice(1).toUpperCase());
}

async function generate() {
  const files = (await readdir(source)).filter((file) => file.endsWith(".lua")).sort();
  const scripts = await Promise.all(
    files.map(async (file) => {
      const name = file.replace(/\.lua$/, "");
      const lua = await assemble(file);
      const sha1 = createHash("sha1").update(lua).digest("hex");
      const literal = lua.replace(/[\\`]|\$\{/g, "\\$&");
      return `/** scripts/${file} */
export const ${camelCase(name)}: Script = {
  name: "${name}",
  sha1: "${sha1}",
  lua: \`${literal}\`,
};
`;
    }),
  );
  const record = await readFile(new URL("shared/record.lua", source), "utf8");
  /** @param {string} name */
  const fields = (name) => `${JSON.stringify(stringList(record, name))} as const`;
  return `// Written by scripts/generate.mjs from src/scripts; do not edit.
import type { Script } from "./script.ts";

/** The lines of a record, in their order. */
export const recordFields = ${fields("RECORD_FIELDS")};

/** The lines of a tombstone, in their order. */
export const tombstoneFields = ${fields("TOMBSTONE_FIELDS")};

${scripts.join("\n")}`;
}

const text = await generate();
if (process.argv.includes("--check")) {
  const present = await readFile(target, "utf8").catch(() => "");
  if (present !== text) {
    process.stderr.write(`${fileURLToPath(target)} is out of date: run "node scripts/generate.mjs" in its package.\n`);
    process.exitCode = 1;
  }
} else {
  await writeFile(target, text);
}
