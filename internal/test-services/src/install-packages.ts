import { spawn } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";

/** Asked by Debian's packages whether they may start the service that they have just installed. */
const startPolicy = "/usr/sbin/policy-rc.d";

/** Installs Debian's packages with `apt-get`, as root, without starting the services that come with them. */
export async function installPackages(packages: readonly string[]): Promise<void> {
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
