import { installPackages } from "./install-packages.ts";
import { findProgram, missingServices } from "./service-programs.ts";

/**
 * Makes sure that `redis-server` and `rabbitmq-server` are installed: as root on Debian with `apt-get`, without
 * starting the machine's own instances. Rejects with what to install where that is not possible.
 *
 * @param report - is told what is about to happen, a line at a time
 */
export async function ensureServices(report: (line: string) => void = () => {}): Promise<void> {
  const missing = await missingServices();
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || (await findProgram("apt-get")) === undefined) throw new Error(advice(missing));
  report(`Installing ${missing.join(" and ")} with apt-get`);
  await installPackages(missing);
  const stillMissing = await missingServices();
  if (stillMissing.length > 0) throw new Error(advice(stillMissing));
}

function advice(missing: readonly string[]): string {
  const formulas = missing.map((name) => name.replace("-server", ""));
  return (
    `The tests need ${missing.join(" and ")}, which this machine lacks. ` +
    `Install with: sudo apt-get install ${missing.join(" ")} (Debian, Ubuntu), ` +
    `or: brew install ${formulas.join(" ")} (macOS). Or start Docker: "npm test" then runs in a container.`
  );
}
