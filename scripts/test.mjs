/**
 * `npm test`: from a fresh clone, with nothing but Node, installs, builds, makes sure that the services exist,
 * and runs every gate and every suite. It runs all of them whatever fails, and closes with the line
 * `N passed, N failed`. With `--check` it leaves out what needs services.
 */
import { readFileSync } from "node:fs";
import { build } from "./build.mjs";
import { hasDocker, suitesInContainer } from "./container.mjs";
import { install } from "./install.mjs";
import { pnpm, root } from "./run.mjs";
import { gate, program, runSteps, suite, tool } from "./step.mjs";
import { workspacePackages } from "./workspace.mjs";

const isCheck = process.argv.includes("--check");

/** @param {string} line */
const report = (line) => console.log(`mayfly: ${line} …`);

/** Each package that has generated files has a script `generate:check`. */
const generated = gate(
  "generated files",
  async () => await pnpm(["--recursive", "--if-present", "run", "generate:check"]),
);

/** The style gates, promises and exported names are tests of the project `unit`. */
const gates = [
  tool("types", "tsc", "-p", "tsconfig.json"),
  tool("format", "biome", "format", "."),
  tool("lint", "oxlint", "--type-aware", "--deny-warnings"),
  tool("boundaries", "depcruise", "--config", ".dependency-cruiser.cjs", ...sourceFolders()),
  tool("unused code", "knip"),
  generated,
  tool("documentation", "typedoc"),
];

const simulation = program("simulation", "internal/simulation/dist/main.js", "--seed", "1", "--seeds", "1000");

/**
 * A Docker engine of one's own takes root on Linux, and not in a container that is kept from it (CAP_SYS_ADMIN, bit 21).
 * Where that is not so, it is said that the suite is left out.
 */
const hasEngine = process.getuid?.() === 0 && mayMount();

function mayMount() {
  const capabilities = /^CapEff:\s*(\w+)$/m.exec(
    process.platform === "linux" ? readFileSync("/proc/self/status", "utf8") : "",
  );
  return ((BigInt(`0x${capabilities?.[1] ?? "0"}`) >> 21n) & 1n) === 1n;
}

const suites = [
  ...(hasEngine ? ["docker", "e2e-docker"] : []).map(suite),
  ...["services", "e2e", "cluster", "e2e-cluster", "node-loss", "examples"].map(suite),
  program("chaos", "internal/chaos/dist/main.js", "--tasks", "5000", "--faults", "32", "--seed", "1"),
];

const packages = gate("packages", async () => {
  const { checkPackages } = await import("./packages.mjs");
  return await checkPackages();
});

function sourceFolders() {
  const folders = new Set(workspacePackages().map(({ dir }) => dir.slice(root.length).split("/")[0] ?? ""));
  return [...folders, "test"];
}

/** Whether the suites that need Redis and RabbitMQ must run in a container. */
let isContained = false;

/** Makes sure that Redis and RabbitMQ can be started, here or in a container. The module is made by the build. */
async function findServices() {
  const { ensureServices } = await import("../internal/test-services/dist/index.js");
  try {
    await ensureServices(report);
  } catch (error) {
    if (!(await hasDocker())) throw error;
    isContained = true;
  }
  return { code: 0, output: "" };
}

try {
  await install(report);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.log("0 passed, 1 failed");
  process.exit(1);
}

const first = await runSteps(
  [
    gate("build", async () => {
      await build();
      return { code: 0, output: "" };
    }),
  ],
  1,
);
// Installing the services takes a minute of network: the gates run meanwhile.
const [second, services] = await Promise.all([
  runSteps(gates, 2),
  isCheck ? { passed: 0, failed: 0 } : runSteps([gate("services are installed", findServices)], 1),
]);
if (!isCheck && !isContained && !hasEngine)
  report("Leaving out the suites docker and e2e-docker, which need root on Linux");
const withServices = isContained ? [suitesInContainer] : suites;
const third = await runSteps([suite("unit"), simulation, ...(isCheck ? [] : withServices), packages], 1);

const all = [first, second, services, third];
const passed = all.reduce((sum, part) => sum + part.passed, 0);
const failed = all.reduce((sum, part) => sum + part.failed, 0);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
