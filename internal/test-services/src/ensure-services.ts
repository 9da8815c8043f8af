import { spawn } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { findProgram, missingServices } from "./service-programs.ts";

/** Asked by Debian's packages whether they may start the service that they have just installed. */
const startPolicy = "/usr/sbin/policy-rc.d";

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
  await install(missing);
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

async function install(packages: readonly string[]): Promise<void> {
  const wait = ["-o", "DPkg::Lock::Timeout=300"];
  const isOurs = await writeFile(startPolicy, "#!/bin/sh\nexit 101\n", { mode: 0o755, flag: "wx" }).then(
    () => true,
    () => false,
  );
  try {
    await aptGet([...wait, "-qq", "update"]);
    await aptGet([...wait, "-qq", "install", "--yes", "--no-install-recommends", ...packages]);
  } finally {
    if (isOurs) await rm(startPolicy, { force: true });
  }
}

async function aptGet(args: readonly string[]): Promise<void> {
  const child = spawn("apt-get", [...args], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let problem = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    problem += text;
  });
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) throw new Error(`apt-get ${args.join(" ")} failed:\n${problem}`);
}
