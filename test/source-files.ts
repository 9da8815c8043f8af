import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** A file of this repository. */
export interface SourceFile {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** The root of the repository. */
export const root: string = fileURLToPath(new URL("../", import.meta.url));

const ignored = new Set(["node_modules", "dist", ".git", ".turbo", "reports", "coverage"]);

/** The TypeScript files whose path matches, sorted by path. Generated files and declarations are left out. */
export function sourceFiles(pattern: RegExp): readonly SourceFile[] {
  return ["packages", "apps", "internal", "examples", "test", "bench"]
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => walk(join(root, folder)))
    .filter((path) => /\.tsx?$/.test(path) && !/\.(generated|d)\.ts$/.test(path) && pattern.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** The folders of the published packages, by path from the root. */
export function publicPackages(): readonly { readonly path: string; readonly manifest: Manifest }[] {
  return readdirSync(join(root, "packages"))
    .sort()
    .map((name) => `packages/${name}`)
    .filter((path) => existsSync(join(root, path, "package.json")))
    .map((path) => ({ path, manifest: readManifest(path) }))
    .filter(({ manifest }) => manifest.private !== true);
}

/** The part of a package.json that the gates look at. */
export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

function readManifest(path: string): Manifest {
  const manifest: Manifest = JSON.parse(readFileSync(join(root, path, "package.json"), "utf8"));
  return manifest;
}

function walk(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ignored.has(basename(path)) ? [] : walk(path);
    return [relative(root, path).replaceAll("\\", "/")];
  });
}
