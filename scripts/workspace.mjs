import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./run.mjs";

/**
 * A package of this workspace.
 *
 * @typedef {object} WorkspacePackage
 * @property {string} name
 * @property {string} dir its full path
 * @property {boolean} isPublic whether it is published
 * @property {readonly string[]} entries the subpaths of its `exports` that are code, such as `.` and `./testing`
 */

/** @returns {readonly WorkspacePackage[]} */
export function workspacePackages() {
  return ["packages", "apps", "internal", "examples"].flatMap((folder) =>
    existsSync(join(root, folder)) ? packagesIn(join(root, folder)) : [],
  );
}

/**
 * @param {string} folder
 * @returns {readonly WorkspacePackage[]}
 */
function packagesIn(folder) {
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .filter((dir) => existsSync(join(dir, "package.json")))
    .map((dir) => {
      const manifest = JSON.parse(readFileSync(join(dir, "package.json"), "utf8"));
      const subpaths = Object.keys(manifest.exports ?? {});
      return {
        name: manifest.name,
        dir,
        isPublic: manifest.private !== true,
        entries: subpaths.filter((subpath) => !subpath.endsWith(".json")),
      };
    });
}
