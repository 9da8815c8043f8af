import { readFileSync, rmSync } from "node:fs";
import { pnpm, root, run } from "./run.mjs";

/**
 * What came out of a step.
 *
 * @typedef {object} Result
 * @property {number} passed
 * @property {number} failed 0 is success
 * @property {string} output shown when it failed
 */

/**
 * A named part of `npm test`.
 *
 * @typedef {object} Step
 * @property {string} name
 * @property {() => Promise<Result>} run
 */

/**
 * A step that succeeds or fails as a whole.
 *
 * @param {string} name
 * @param {() => Promise<{ code: number, output: string }>} action
 * @returns {Step}
 */
export function gate(name, action) {
  return {
    name,
    run: async () => {
      const { code, output } = await action();
      return code === 0 ? { passed: 1, failed: 0, output } : { passed: 0, failed: 1, output };
    },
  };
}

/**
 * A program of this repository's dependencies as a step.
 *
 * @param {string} name
 * @param {string} program
 * @param {readonly string[]} args
 */
export function tool(name, program, ...args) {
  return gate(name, async () => await pnpm(["exec", program, ...args]));
}

/**
 * A built program of this repository as a step: it exits with something else than 0 when it finds what must not be.
 *
 * @param {string} name
 * @param {string} file from the root
 * @param {readonly string[]} args
 */
export function program(name, file, ...args) {
  return gate(name, async () => await run(process.execPath, [`${root}${file}`, ...args], { timeoutMs: 1_200_000 }));
}

/**
 * A project of vitest as a step; each test counts.
 *
 * @param {string} project
 * @returns {Step}
 */
export function suite(project) {
  return {
    name: project,
    run: async () => {
      const report = `${root}reports/${project}.json`;
      rmSync(report, { force: true });
      const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
      const args = ["exec", "vitest", "run", "--project", project, ...reporters];
      const { code, output } = await pnpm(args, { timeoutMs: 1_200_000 });
      const { passed, failed } = countTests(report);
      if (passed + failed === 0) return { passed, failed: 1, output: `${output}\nNo test has run.` };
      // A leak, or an error outside of every test, fails the run but no test.
      return { passed, failed: code === 0 ? failed : Math.max(failed, 1), output };
    },
  };
}

/** @param {string} report */
function countTests(report) {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8"));
    return { passed: Number(numPassedTests), failed: Number(numFailedTests) };
  } catch {
    return { passed: 0, failed: 0 };
  }
}

/**
 * Runs steps, some at a time, and reports each as it ends.
 *
 * @param {readonly Step[]} steps
 * @param {number} atOnce
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runSteps(steps, atOnce) {
  const waiting = [...steps];
  const total = { passed: 0, failed: 0 };
  const worker = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const { passed, failed } = await runStep(step);
      total.passed += passed;
      total.failed += failed;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return total;
}

/**
 * @param {Step} step
 * @returns {Promise<Result>}
 */
async function runStep({ name, run }) {
  const startedAt = performance.now();
  const result = await run().catch((error) => ({ passed: 0, failed: 1, output: String(error?.message ?? error) }));
  const seconds = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  const count = result.passed + result.failed > 1 ? `, ${result.passed} passed, ${result.failed} failed` : "";
  console.log(`${result.failed === 0 ? "ok    " : "FAILED"}  ${name} (${seconds}${count})`);
  if (result.failed > 0) console.log(indent(result.output));
  return result;
}

/** @param {string} text */
function indent(text) {
  return text
    .trimEnd()
    .split("\n")
    .slice(-200)
    .map((line) => `        ${line}`)
    .join("\n");
}
