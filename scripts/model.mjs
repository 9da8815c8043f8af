/**
 * Property tests of the Redis scripts: random sequences of steps, done to a real Redis and to the store in memory, which
 * must answer alike; the indexes are audited after each step.
 *
 * npm run model                        1000 sequences on a single node, and a quarter as many on a Redis Cluster
 * npm run model -- --sequences 5000    more
 * npm run model -- --seed 42           those of a seed that a failure has named
 */
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { root } from "./run.mjs";

const { values } = parseArgs({ options: { sequences: { type: "string", default: "1000" }, seed: { type: "string" } } });
for (const [name, value] of Object.entries(values)) {
  if (!/^-?\d+$/.test(value)) {
    process.stderr.write(`--${name} must be a whole number, not ${value}.\n`);
    process.exit(1);
  }
}

const files = ["packages/store-redis/test/model.test.ts", "packages/store-redis/test/cluster/model.test.ts"];
const projects = ["--project", "services", "--project", "cluster"];
const env = {
  ...process.env,
  MAYFLY_MODEL_SEQUENCES: values.sequences,
  ...(values.seed !== undefined && { MAYFLY_MODEL_SEED: values.seed }),
};
spawn("npx", ["vitest", "run", ...projects, ...files], { cwd: root, stdio: "inherit", env }).once("exit", (code) => {
  process.exitCode = code ?? 1;
});
