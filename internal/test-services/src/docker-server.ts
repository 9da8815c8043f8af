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

/**
 * A private Docker engine: `dockerd` with a containerd, folders and control groups of its own, in namespaces of its own.
 * When it is killed, by whatever, all its containers die and all its mounts go. It has no networks but `none` and `host`
 * and can pull nothing. Needs root.
 */
export class DockerServer {
  readonly dir: string;
  #process: OwnedProcess;

  private constructor(dir: string, started: OwnedProcess) {
    this.dir = dir;
    this.#process = started;
  }

  /** @internal Use {@link startDocker}. */
  static async start(): Promise<DockerServer> {
    const dir = await mkdtemp(join(tmpdir(), "mayfly-docker-"));
    orphanGuard.removeAtEnd(dir);
    return new DockerServer(dir, await launch(dir));
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
    this.#process = await launch(this.dir);
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
export async function startDocker(): Promise<DockerServer> {
  return await DockerServer.start();
}

function socketOf(dir: string): string {
  return join(dir, "docker.sock");
}

async function launch(dir: string): Promise<OwnedProcess> {
  const readiness = new Readiness(/API listen on/);
  // The engine's own init reaps what containers leave behind; the kernel kills the whole namespace with it.
  const namespaces = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "docker-init", "--"];
  const places = ["--data-root", join(dir, "data"), "--exec-root", join(dir, "exec")];
  const addresses = ["--host", `unix://${socketOf(dir)}`, "--pidfile", join(dir, "docker.pid")];
  const networks = ["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"];
  const groups = ["--exec-opt", "native.cgroupdriver=cgroupfs", "--cgroup-parent", `/${basename(dir)}`];
  const started = await OwnedProcess.spawn({
    command: "unshare",
    args: [...namespaces, "dockerd", ...places, ...addresses, ...networks, ...groups],
    env: { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`, HOME: dir },
    cwd: dir,
    onOutput: (_stream, text) => readiness.push(text),
  });
  await readiness.of("dockerd", started, 60_000);
  return started;
}
