import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { askEngine, type DockerServer, ensureDocker, startDocker } from "@mayfly/test-services";
import { Deployment, nowMs } from "./deployment.ts";
import { type Figure, figuresOf } from "./figure.ts";
import { spreadOf } from "./spread.ts";
import { until } from "./until.ts";

const image = "mayfly-test:1";
const command = ["true"];
/** What both sides allow a container. */
const limits = { memoryMiB: 64, cpus: 1, pids: 64, tmpMiB: 16, user: "65534:65534" };

/** Both sides take turns, so often that what else the machine does meets them alike. */
const rounds = 10;

/** A way to run a container. */
interface Side {
  /** Resolves when the work of one container has succeeded. */
  readonly runOne: () => Promise<void>;
  /** Resolves when nothing is left of any. */
  readonly cleared: () => Promise<void>;
  /** How long each took, in milliseconds. */
  readonly tookMs: number[];
  totalMs: number;
}

/**
 * How long it takes to run tasks in containers, some at a time, through all of Mayfly's programs, compared with
 * `docker run --rm` of the same image, command and limits on the same engine.
 */
export async function dockerOverhead(tasks: number, atOnce: number): Promise<readonly Figure[]> {
  await ensureDocker();
  await using engine = await startDocker();
  await engine.importImage(image);
  await using deployment = await Deployment.start();
  await deployment.startTimeout();
  const spec = join(engine.dir, "spec.json");
  await writeFile(spec, JSON.stringify({ images: { test: { image, commands: { work: command }, ...limits } } }));
  await deployment.startScheduler({
    MAYFLY_RUNTIME: "docker",
    MAYFLY_RUNTIME_SPEC: spec,
    MAYFLY_DOCKER_HOST: `unix://${engine.socketPath}`,
    MAYFLY_CONCURRENCY: String(atOnce),
  });
  const bare = sideOf(engine, () => runBare(engine));
  const ours = sideOf(engine, () => runTask(deployment));
  for (const side of [bare, ours]) await runMany({ ...side, tookMs: [] }, atOnce, atOnce);
  for (let round = 0; round < rounds; round++) {
    const count = Math.floor(((round + 1) * tasks) / rounds) - Math.floor((round * tasks) / rounds);
    for (const side of round % 2 === 0 ? [bare, ours] : [ours, bare])
      side.totalMs += await runMany(side, count, atOnce);
  }
  return [
    { name: `docker run, ${tasks} in all, ${atOnce} at a time`, value: bare.totalMs / 1_000, unit: "s" },
    { name: "Mayfly, the same", value: ours.totalMs / 1_000, unit: "s" },
    { name: "Mayfly : docker run", value: ours.totalMs / bare.totalMs, promised: 1.15 },
    ...figuresOf("docker run, start → end", spreadOf(bare.tookMs), "ms"),
    ...figuresOf("Mayfly, schedule → done", spreadOf(ours.tookMs), "ms"),
    { name: "containers left", value: await containerCount(engine), promised: 0 },
  ];
}

function sideOf(engine: DockerServer, runOne: () => Promise<void>): Side {
  const cleared = (): Promise<void> => until(async () => (await containerCount(engine)) === 0, "all are removed");
  return { runOne, cleared, tookMs: [], totalMs: 0 };
}

/** Resolves with how long all of them took, in milliseconds. */
async function runMany({ runOne, cleared, tookMs }: Side, count: number, atOnce: number): Promise<number> {
  const sinceMs = nowMs();
  let left = count;
  const runner = async (): Promise<void> => {
    while (left-- > 0) {
      const begunAtMs = nowMs();
      await runOne();
      tookMs.push(nowMs() - begunAtMs);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, runner));
  await cleared();
  return nowMs() - sinceMs;
}

async function runTask(deployment: Deployment): Promise<void> {
  const view = await deployment.done(await deployment.schedule({ image: "test", command: "work" }));
  if (view.outcome !== "complete") throw new Error(`A task was not completed: ${JSON.stringify(view)}`);
}

/** Runs `docker run --rm` with what the runtime asks the engine for. */
async function runBare(engine: DockerServer): Promise<void> {
  const { memoryMiB, cpus, pids, tmpMiB, user } = limits;
  const rights = ["--user", user, "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--network", "none"];
  const files = ["--read-only", "--tmpfs", `/tmp:rw,noexec,nosuid,nodev,mode=1777,size=${tmpMiB}m`, "--shm-size", "1m"];
  const sizes = [
    "--memory",
    `${memoryMiB}m`,
    "--memory-swap",
    `${memoryMiB}m`,
    "--cpus",
    `${cpus}`,
    "--pids-limit",
    `${pids}`,
  ];
  const log = [
    "--log-driver",
    "local",
    ...["max-size=2m", "max-file=2", "compress=false"].flatMap((o) => ["--log-opt", o]),
  ];
  const rest = ["--ulimit", "core=0", "--ipc", "private", "--init", "--entrypoint", command[0] ?? ""];
  const args = ["run", "--rm", ...rights, ...files, ...sizes, ...log, ...rest, image, ...command.slice(1)];
  const env = {
    PATH: process.env["PATH"] ?? "",
    DOCKER_HOST: `unix://${engine.socketPath}`,
    DOCKER_CONFIG: engine.dir,
  };
  const child = spawn("docker", args, { env, stdio: ["ignore", "ignore", "inherit"] });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`docker run ended with ${String(code)}.`);
}

async function containerCount(engine: DockerServer): Promise<number> {
  return (JSON.parse(await askEngine(engine.socketPath, "GET", "/containers/json?all=1")) as readonly unknown[]).length;
}
