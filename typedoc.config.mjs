import { workspacePackages } from "./scripts/workspace.mjs";

const published = workspacePackages().filter(({ isPublic }) => isPublic);

/**
 * Checks that every export of the published packages is documented, and that the links in the comments lead
 * somewhere. `emit: "docs"` would write the pages.
 *
 * @type {Partial<import("typedoc").TypeDocOptions>}
 */
export default {
  name: "Mayfly",
  entryPoints: published.flatMap(({ dir, entries }) =>
    entries.map((entry) => `${dir}/src/${entry === "." ? "index" : entry.slice(2)}.ts`),
  ),
  packagesRequiringDocumentation: published.map(({ name }) => name),
  requiredToBeDocumented: ["Class", "Function", "Interface", "TypeAlias", "Variable", "Method"],
  validation: { invalidLink: true, notDocumented: true, notExported: false },
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
  tsconfig: "tsconfig.json",
  skipErrorChecking: true,
  excludeInternal: true,
  excludePrivate: true,
  disableSources: true,
  readme: "none",
  emit: "none",
  logLevel: "Warn",
};
