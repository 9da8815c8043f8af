import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { root } from "../source-files.ts";

const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly packageManager: string;
};

/** What a command has printed, and how it has ended. */
export interface Ending {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a command of the host to its end. */
export async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ending> {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const code = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  const [out, err, ended] = await Promise.all([text(child.stdout), text(child.stderr), code]);
  return { code: ended, output: `${out}${err}` };
}

/** Docker's own client. @throws Error with what it says, when it fails */
export async function docker(socketPath: string, ...args: readonly string[]): Promise<string> {
  const { code, output } = await run("docker", ["--host", `unix://${socketPath}`, ...args], { DOCKER_BUILDKIT: "0" });
  if (code !== 0) throw new Error(`docker ${args.join(" ")} ended with ${code}:\n${output}`);
  return output.trim();
}

/**
 * Builds images of programs by the Dockerfile, as far as that needs nothing from outside: their base is made of this
 * machine's Node, and in place of the first stage, which installs and compiles, is what this machine has installed and
 * compiled. The step that picks what an image has, and all later stages, are the Dockerfile's own.
 */
export async function buildProgramImages(socketPath: string, programs: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "mayfly-image-"));
  try {
    const dockerfile = await readFile(join(root, "Dockerfile"), "utf8");
    const context = join(folder, "context");
    // The engine's builder makes all stages up to the one that is wanted.
    for (const [, out = ""] of dockerfile.matchAll(/--from=build \/(\S+)/g))
      await mkdir(join(context, out), { recursive: true });
    await pick(dockerfile, programs, join(context, "out"));
    await writeFile(join(context, "Dockerfile"), "FROM scratch\nCOPY out /out\n");
    await docker(socketPath, "build", "--quiet", "--tag", "build", context);
    await rm(join(context, "out"), { recursive: true });
    await buildNodeImage(socketPath, join(folder, "node"));
    const lastStages = dockerfile.slice(dockerfile.indexOf("FROM ${NODE_IMAGE} AS program"));
    await writeFile(join(context, "Dockerfile"), `ARG NODE_IMAGE\n${lastStages}`);
    for (const program of programs) {
      const options = ["--network", "none", "--build-arg", "NODE_IMAGE=mayfly-node:test", "--target", program];
      await docker(socketPath, "build", "--quiet", ...options, "--tag", `mayfly-${program}:test`, context);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Runs the Dockerfile's step that picks what an image has, for these programs and into another folder. */
async function pick(dockerfile: string, programs: readonly string[], folder: string): Promise<void> {
  const step = /^RUN (for app in [\s\S]*?)\n\n/m.exec(dockerfile)?.[1] ?? "";
  const own = step.replace(/for app in [^;]*;/, `for app in ${programs.join(" ")};`).replaceAll("/out/", `${folder}/`);
  const { code, output } = await run("npx", ["--yes", packageManager, "exec", "sh", "-c", own]);
  if (code !== 0) throw new Error(`The programs could not be picked:\n${output}`);
}

/** An image of this machine's Node and the libraries that it needs. */
async function buildNodeImage(socketPath: string, folder: string): Promise<void> {
  const node = await realpath(process.execPath);
  const libraries = (await run("ldd", [node])).output.match(/\/\S+(?=\s\()/g) ?? [];
  for (const library of libraries) {
    await mkdir(dirname(join(folder, library)), { recursive: true });
    await cp(library, join(folder, library), { dereference: true });
  }
  await mkdir(join(folder, "usr/local/bin"), { recursive: true });
  await cp(node, join(folder, "usr/local/bin/node"));
  await writeFile(join(folder, "Dockerfile"), "FROM scratch\nCOPY . /\nENV PATH=/usr/local/bin\n");
  await docker(socketPath, "build", "--quiet", "--tag", "mayfly-node:test", folder);
}
