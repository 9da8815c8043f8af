import { installPackages } from "./install-packages.ts";
import { findProgram } from "./service-programs.ts";

/** What a private Docker engine and its image are made of, and Debian's packages that have it. */
const programs = { dockerd: "docker.io", "docker-init": "docker.io", tar: "tar", busybox: "busybox-static" };

/**
 * Makes sure that a private Docker engine can be started: as root on Debian `docker.io` and `busybox-static` are
 * installed with `apt-get`, without starting the machine's own engine. Rejects with what is missing where it cannot.
 *
 * @param report - is told what is about to happen, a line at a time
 */
export async function ensureDocker(report: (line: string) => void = () => {}): Promise<void> {
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    throw new Error("The tests of the Docker runtime start an engine of their own, which needs Linux and root.");
  const missing = await missingPackages();
  if (missing.length === 0) return;
  if ((await findProgram("apt-get")) === undefined) throw new Error(advice(missing));
  report(`Installing ${missing.join(" and ")} with apt-get`);
  await installPackages(missing);
  const stillMissing = await missingPackages();
  if (stillMissing.length > 0) throw new Error(advice(stillMissing));
}

async function missingPackages(): Promise<readonly string[]> {
  const missing = new Set<string>();
  for (const [program, name] of Object.entries(programs))
    if ((await findProgram(program)) === undefined) missing.add(name);
  return [...missing];
}

function advice(missing: readonly string[]): string {
  const names = missing.join(" ");
  return `The tests of the Docker runtime need ${names}. Install with: sudo apt-get install ${names} (Debian, Ubuntu).`;
}
