import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { exportedNames } from "./exported-names.ts";
import { publicPackages, root } from "./source-files.ts";

/** The names that every entry point of every published package exports. */
function publicApi(): Readonly<Record<string, readonly string[]>> {
  const entries = publicPackages().flatMap(({ path, manifest }) =>
    Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]) => {
      const source = typeof target === "string" ? undefined : target["@mayfly/source"];
      if (source === undefined) return [];
      const file = { path: join(path, source), text: readFileSync(join(root, path, source), "utf8") };
      return [[join(manifest.name, subpath), exportedNames(file)] as const];
    }),
  );
  return Object.fromEntries(entries);
}

it("[PKG-1] exports what public-api.json says; accept a change with: npm run api:update", async () => {
  await expect(`${JSON.stringify(publicApi(), undefined, 2)}\n`).toMatchFileSnapshot("public-api.json");
});

const names = (text: string): readonly string[] => exportedNames({ path: "index.ts", text });

it("sees every kind of export", () => {
  const text = [
    'export { b, type C, x as y } from "./b.ts";',
    'export type { D } from "./d.ts";',
    "export const e = 1, f = 2;",
    "export function g(): void {}",
    "export class H {}",
    "export interface I {}",
    "export type J = string;",
    "const hidden = 1;",
  ].join("\n");
  expect(names(text)).toEqual(["H", "b", "e", "f", "g", "type C", "type D", "type I", "type J", "y"]);
});

it("refuses an export that hides its names or that it does not know", () => {
  expect(() => names('export * from "./b.ts";')).toThrow("An entry point must list its exports");
  expect(() => names("export enum Colour { Red }")).toThrow("This export is of no known kind");
});
