import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, it, vi } from "vitest";
import { askEngine } from "../../src/engine-request.ts";
import { startDocker } from "../../src/docker-server.ts";

/** The command lines of all processes of the machine. */
function commandLines(): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(join("/proc", pid, "cmdline"), "utf8").replaceAll("\0", " ");
      } catch {
        return "";
      }
    });
}

it("[DOCKER-1] runs containers of an image that is made here, and leaves nothing of them when it is removed", async () => {
  const docker = await startDocker();
  const name = basename(docker.dir);
  try {
    await docker.importImage("sleeper:1");
    const work = { Image: "sleeper:1", Cmd: ["sleep", "4711"], HostConfig: { NetworkMode: "none" } };
    const created = await askEngine(docker.socketPath, "POST", "/containers/create", JSON.stringify(work));
    const { Id: id } = JSON.parse(created) as { readonly Id: string };
    await askEngine(docker.socketPath, "POST", `/containers/${id}/start`);
    // The engine calls a container started that is about to become its command.
    await vi.waitFor(() => expect(commandLines()).toContain("sleep 4711 "), 20_000);
    expect(existsSync(`/sys/fs/cgroup/pids/${name}/${id}`) || existsSync(`/sys/fs/cgroup/${name}/${id}`)).toBe(true);
    await docker.restart();
    expect(await askEngine(docker.socketPath, "GET", "/containers/json?all=1")).toContain(id);
    expect(commandLines()).not.toContain("sleep 4711 ");
  } finally {
    await docker.remove();
  }
  expect(commandLines().filter((line) => line.includes(name))).toEqual([]);
  expect(readFileSync("/proc/mounts", "utf8")).not.toContain(name);
  expect(existsSync(docker.dir)).toBe(false);
  expect(existsSync(`/sys/fs/cgroup/pids/${name}`) || existsSync(`/sys/fs/cgroup/${name}`)).toBe(false);
});
