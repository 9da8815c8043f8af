import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorMessage } from "@mayfly/service";
import { argumentsOf, type ChaosOptions, parseOptions, usage } from "./chaos-options.ts";
import { runChaos } from "./chaos-run.ts";
import { runToEnd } from "./run-to-end.ts";
import { Teardown } from "./teardown.ts";

const report = (line: string): void => void process.stdout.write(`${line}\n`);

/** Nothing keeps this process alive: it ends when all of its output has been handed over, or after a second. */
const exit = (code: number): void => {
  setTimeout(() => process.exit(code), 1_000);
  process.stdout.write("", () => process.exit(code));
};

async function main(options: ChaosOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "mayfly-chaos-"));
  const teardown = new Teardown(report);
  await runToEnd({
    teardown,
    report,
    exit,
    deadlineMs: options.deadlineS * 1_000,
    onInterrupt: (interrupted) => {
      for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(name, () => interrupted(name));
    },
    work: async (signal) => {
      const isClean = await runChaos({ options, folder, teardown, report, signal });
      if (isClean && !options.keep) await rm(folder, { recursive: true, force: true });
      else report(`chaos: the history is in ${folder}`);
      report(isClean ? "chaos: ok" : `chaos: FAILED; again: npm run chaos -- ${argumentsOf(options)} --keep`);
      return isClean ? 0 : 1;
    },
  });
}

try {
  await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${errorMessage(error)}\n${usage}\n`);
  process.exit(2);
}
