import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { removeControlGroups } from "./control-group.ts";
import { askEngine } from "./engine-request.ts";
import { writeImageFiles } from "./image-files.ts";
import { orphanGuard } from "./orphan-guard.ts";
import { OwnedProcess } from "./owned-process.ts";
import { Readiness } from "./readiness.ts";

/** How a private engine differs from the usual one. */
export interface DockerServerOptions {
  /**
   * How much room the engine has for images and containers, in MiB: in memory, and gone when it is killed.
   * @defaultValue that of the temporary folder's disk
   */
  readonly dataMiB?: number;
}

/**
 * A private Docker engine: `dockerd` with a containerd, folders and control groups of its own, in namespaces of its own.
 * When it is killed, by whatever, all its containers die and all its mounts go. It has no networks but `none` and `host`
 * and can pull nothing. Needs root.
 */
export class DockerServer {
  readonly dir: string;
  readonly #options: DockerServerOptions;
  #process: OwnedProcess;

  private constructor(dir: string, options: DockerServerOptions, started: OwnedProcess) {
    this.dir = dir;
    this.#options = options;
    this.#process = started;
  }

  /** @internal Use {@link startDocker}. */
  static async start(options: DockerServerOptions): Promise<DockerServer> {
    const dir = await mkdtemp(join(tmpdir(), "mayfly-docker-"));
    orphanGuard.removeAtEnd(dir);
    return new DockerServer(dir, options, await launch(dir, options));
  }

  /** Where the engine's HTTP API listens. */
  get socketPath(): string {
    return socketOf(this.dir);
  }

  /** The id of the process that ends with everything that the engine has started. */
  get pid(): number {
    return this.#process.pid;
  }

  /**
   * Makes the image `name` (`repository:tag`) of busybox: `sh` and the other commands are in `/bin`. `/bin/busybox-setuid`
   * has the setuid bit, and root has no password. Needs nothing from outside.
   */
  async importImage(name: string): Promise<void> {
    const files = await mkdtemp(join(this.dir, "image-"));
    await writeImageFiles(files);
    const tar = spawn("tar", ["--numeric-owner", "-C", files, "-c", "."], { stdio: ["ignore", "pipe", "inherit"] });
    const [repo = name, tag = "latest"] = name.split(":");
    const query = new URLSearchParams({ fromSrc: "-", repo, tag });
    await askEngine(this.socketPath, "POST", `/images/create?${query.toString()}`, await buffer(tar.stdout));
    await rm(files, { recursive: true });
  }

  /** Ends the engine at once, and with it all containers, as a machine does that loses its power. */
  async kill(): Promise<void> {
    await this.#process.kill();
  }

  /** Kills it, if it runs, and starts it again on the same folder. */
  async restart(): Promise<void> {
    await this.kill();
    // What is left of a killed containerd makes the next one wait for it.
    await rm(join(this.dir, "exec"), { recursive: true, force: true });
    await rm(join(this.dir, "docker.pid"), { force: true });
    this.#process = await launch(this.dir, this.#options);
  }

  /** Ends it with all its containers and deletes its folder. */
  async remove(): Promise<void> {
    await this.kill();
    await removeControlGroups(basename(this.dir));
    await rm(this.dir, { recursive: true, force: true, maxRetries: 10 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove();
  }
}

/** Starts a private Docker engine and resolves once it answers (1 s). */
export async function startDocker(options: DockerServerOptions = {}): Promise<DockerServer> {
  return await DockerServer.start(options);
}

function socketOf(dir: string): string {
  return join(dir, "docker.sock");
}

async function launch(dir: string, { dataMiB }: DockerServerOptions): Promise<OwnedProcess> {
  const readiness = new Readiness(/API listen on/);
  // The engine's own init reaps what containers leave behind; the kernel kills the whole namespace with it.
  const namespaces = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "docker-init", "--"];
  const data = join(dir, "data");
  const small = `mkdir -p ${data} && mount -t tmpfs -o size=${dataMiB}m tmpfs ${data} && exec "$@"`;
  const room = dataMiB === undefined ? [] : ["sh", "-c", small, "sh"];
  const places = ["--data-root", data, "--exec-root", join(dir, "exec")];
  const addresses = ["--host", `unix://${socketOf(dir)}`, "--pidfile", join(dir, "docker.pid")];
  const networks = ["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"];
  const groups = ["--exec-opt", "native.cgroupdriver=cgroupfs", "--cgroup-parent", `/${basename(dir)}`];
  const started = await OwnedProcess.spawn({
    command: "unshare",
    args: [...namespaces, ...room, "dockerd", ...places, ...addresses, ...networks, ...groups],
    env: { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`, HOME: dir },
    cwd: dir,
    onOutput: (_stream, text) => readiness.push(text),
  });
  await readiness.of("dockerd", started, 60_000);
  return started;
}
