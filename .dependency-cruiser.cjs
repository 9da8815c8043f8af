/**
 * Which package may import which. Everything may import `task` and `service`; the rest is listed here.
 * The picture is in docs/architecture.md.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const allowed = {
  task: [],
  service: [],
  queue: [],
  store: [],
  runtime: [],
  "queue-amqp": ["queue"],
  "store-redis": ["store"],
  "runtime-process": ["runtime"],
  "runtime-docker": ["runtime"],
  "runtime-kubernetes": ["runtime"],
  dispatcher: ["queue", "store"],
  sweeper: ["queue", "store"],
  "scheduler-sdk": ["queue", "store", "runtime"],
  "http-contract": [],
  client: ["http-contract"],
  "http-server": ["http-contract", "dispatcher"],
  standalone: ["http-server", "dispatcher", "sweeper", "scheduler-sdk", "queue", "store", "runtime"],
  cli: ["client", "standalone"],
  // Private: what the reference apps share.
  "app-kit": ["runtime"],
};

/** Modules that may import more than their package may. */
const exceptions = {
  "scheduler-sdk": { module: "connect\\.ts", more: ["queue-amqp", "store-redis"] },
  cli: { module: "doctor\\.ts", more: ["queue-amqp", "store-redis"] },
};

const foundations = ["task", "service"];

/** @param {readonly string[]} names */
const sourcesOf = (names) => `^packages/(${names.join("|")})/`;

const directions = Object.entries(allowed).flatMap(([name, others]) => {
  const friends = [name, ...(foundations.includes(name) ? [] : foundations), ...others];
  const exception = exceptions[/** @type {keyof typeof exceptions} */ (name)];
  const rule = (suffix, from, names) => ({
    name: `${name}-imports-only-${suffix}`,
    comment: `src of ${name} may import: ${names.slice(1).join(", ") || "nothing of ours"}.`,
    severity: "error",
    from,
    to: { path: "^(packages|apps|internal|examples)/", pathNot: sourcesOf(names) },
  });
  const source = `^packages/${name}/src/`;
  if (exception === undefined) return [rule("its-friends", { path: source }, friends)];
  return [
    rule("its-friends", { path: source, pathNot: `${source}${exception.module}` }, friends),
    rule("its-friends-and-adapters", { path: `${source}${exception.module}` }, [...friends, ...exception.more]),
  ];
});

/** Entry points of a package: index.ts, testing.ts, contract.ts, or a folder of that name. */
const entry = "^packages/[^/]+/src/(index|testing|contract)(/index)?\\.ts$";

module.exports = {
  forbidden: [
    ...directions,
    {
      name: "package-without-direction",
      comment: "A package must be listed in .dependency-cruiser.cjs.",
      severity: "error",
      from: { path: "^packages/", pathNot: sourcesOf(Object.keys(allowed)) },
      to: { path: "^packages/" },
    },
    {
      name: "no-cycles",
      comment: "Modules must not depend on each other in a circle.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-deep-imports",
      comment: "Other packages are reached through their entry points only.",
      severity: "error",
      from: { path: "^packages/([^/]+)/" },
      to: { path: "^packages/", pathNot: ["^packages/$1/", entry] },
    },
    {
      name: "no-deep-imports-from-outside",
      comment: "Packages are reached through their entry points only.",
      severity: "error",
      from: { path: "^(apps|internal|examples|test)/" },
      to: { path: "^packages/", pathNot: entry },
    },
    {
      name: "no-relative-imports-across-packages",
      comment: "Other packages are imported by name.",
      severity: "error",
      from: { path: "^((?:packages|apps|internal|examples)/[^/]+)/" },
      to: { path: "^(packages|apps|internal|examples)/", pathNot: "^$1/", dependencyTypes: ["local"] },
    },
    {
      name: "no-relative-imports-from-tests",
      comment: "Packages are imported by name.",
      severity: "error",
      from: { path: "^test/" },
      to: { path: "^(packages|apps|internal|examples)/", dependencyTypes: ["local"] },
    },
    {
      name: "source-never-imports-internal",
      comment: "internal/* is for tests.",
      severity: "error",
      from: { path: "^(packages|apps|examples)/[^/]+/src/" },
      to: { path: "^internal/" },
    },
    {
      name: "source-never-imports-test-code",
      comment: "./testing and ./contract of other packages are for tests, and for ./testing and ./contract.",
      severity: "error",
      from: { path: "^(packages|apps)/[^/]+/src/", pathNot: "/src/(testing|contract|.*(contract|manual|recording))" },
      to: { path: "^packages/[^/]+/src/(testing|contract)(/|\\.ts$)", dependencyTypesNot: ["local"] },
    },
    {
      name: "nothing-imports-apps",
      comment: "Apps are composition roots.",
      severity: "error",
      from: { path: "^(packages|apps|internal|examples)/([^/]+)/" },
      to: { path: "^(apps|examples)/", pathNot: "^$1/$2/" },
    },
    {
      name: "not-resolvable",
      comment: "Every import must resolve.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|node_modules)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@mayfly/source", "types", "node", "import", "default"],
    },
  },
};
