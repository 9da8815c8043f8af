import { failureLines } from "./failure-lines.ts";
import { readArguments } from "./read-arguments.ts";
import { runSeeds } from "./run-seeds.ts";
import { simulate } from "./simulate.ts";

const write = (line: string): void => void process.stdout.write(`${line}\n`);

const wanted = readArguments(process.argv.slice(2));
if (typeof wanted === "string") {
  process.stderr.write(`${wanted}\n`);
  process.exitCode = 2;
} else if (wanted.isVerbose) {
  for (let seed = wanted.seed; seed < wanted.seed + wanted.seeds; seed++) {
    const result = await simulate(seed);
    for (const line of [...result.lines(), ...failureLines(result)]) write(line);
    write(`Seed ${seed}: ${result.violations.length} violations, trace ${result.fingerprint}`);
    if (result.violations.length > 0) process.exitCode = 1;
  }
} else {
  // The compiled module: a thread cannot be started from TypeScript.
  const violations = await runSeeds(wanted, new URL("./seed-worker.js", import.meta.url), write);
  process.exitCode = violations === 0 ? 0 : 1;
}
