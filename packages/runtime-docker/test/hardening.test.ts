import { once } from "node:events";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, expect, inject, it, vi } from "vitest";
import type { Result } from "@mayfly/runtime";
import { aTask } from "@mayfly/task/testing";
import type { DockerHandle } from "../src/index.ts";
import { type DockerHarness, openDockerHarness } from "./docker-harness.ts";
import { RecordedRun } from "./recorded-run.ts";

const shell = (script: string): string[] => ["sh", "-c", script];

const commands = {
  identity: shell("id -u; id -g; grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status"),
  write: shell(
    "echo x > /tmp/x && cat /tmp/x; for f in /x /bin/x /etc/x /mayfly; do echo x > $f && echo wrote $f; done; true",
  ),
  fillTmp: shell("head -c 16777216 /dev/zero > /tmp/big; stat -c %s /tmp/big"),
  runTmp: shell("cp /bin/busybox /tmp/run && /tmp/run id -u"),
  bomb: shell("bomb() { bomb | bomb & }; bomb & exec sleep 3600"),
  // Stays until it is told to end: an engine may never hear what work died of that ends at once.
  memory: shell(
    "trap 'exit $code' USR1; head -c 100000000 /dev/zero | tail; code=$?; echo over; while :; do sleep 1 & wait $!; done",
  ),
  // Whoever writes to it through a pipe could be the next that the kernel ends.
  child: shell("tail /dev/zero; echo survived; exit 0"),
  setuid: shell("busybox-setuid su root -c 'id -u'"),
  network: shell("ls /sys/class/net; nc -w 2 192.0.2.1 80 && echo reached || echo unreachable"),
  devices: shell(
    "ls /dev | tr '\\n' ' '; echo; mount -t proc proc /tmp && echo mounted; mknod /tmp/d b 8 0 && echo made; true",
  ),
  env: shell("echo $MAYFLY_TASK; echo $MAYFLY_TASK_ID $MAYFLY_ATTEMPT $MAYFLY_RUN $MAYFLY_DEADLINE"),
};

let harness: DockerHarness;
beforeAll(async () => {
  harness = await openDockerHarness(inject("dockerSocket"), commands);
});
afterAll(async () => await harness.close());

async function run(
  command: keyof typeof commands,
): Promise<{ readonly result: Result; readonly lines: readonly string[] }> {
  const context = new RecordedRun();
  const handle = await harness.runtime.start(harness.task(command), context);
  const result = await harness.runtime.wait(handle, context);
  await harness.runtime.destroy(handle);
  return { result, lines: context.lines };
}

it("[DOCKER-2] asks the engine for every limit and for nothing that opens the host", async () => {
  const handle: DockerHandle = await harness.runtime.start(harness.task("identity"), new RecordedRun());
  const { Config, HostConfig, Mounts, Name } = await harness.docker.getContainer(handle.id).inspect();
  expect(Name).toBe(`/${handle.name}`);
  expect(Config).toMatchObject({
    Image: "mayfly-test:1",
    Entrypoint: ["sh"],
    User: "65534:65534",
    OpenStdin: false,
    Tty: false,
    AttachStdin: false,
    NetworkDisabled: true,
  });
  expect(HostConfig).toMatchObject({
    NetworkMode: "none",
    Privileged: false,
    ReadonlyRootfs: true,
    CapAdd: null,
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges"],
    PidsLimit: 32,
    Memory: 33_554_432,
    MemorySwap: 33_554_432,
    OomKillDisable: false,
    NanoCpus: 1_000_000_000,
    ShmSize: 1_048_576,
    Ulimits: [{ Name: "core", Soft: 0, Hard: 0 }],
    Init: true,
    PidMode: "",
    IpcMode: "private",
    UTSMode: "",
    UsernsMode: "",
    AutoRemove: false,
    PublishAllPorts: false,
    Binds: null,
    VolumesFrom: null,
    Tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,mode=1777,size=4m" },
    RestartPolicy: { Name: "no" },
    LogConfig: { Type: "local", Config: { "max-size": "2m", "max-file": "2", compress: "false" } },
  });
  expect(HostConfig.Devices ?? []).toEqual([]);
  expect(HostConfig.DeviceRequests ?? []).toEqual([]);
  expect(HostConfig.GroupAdd ?? []).toEqual([]);
  // What the engine hides of the host unless it is told not to.
  expect(HostConfig.MaskedPaths).toContain("/proc/kcore");
  expect(HostConfig.ReadonlyPaths).toContain("/proc/sys");
  expect(HostConfig.PortBindings ?? {}).toEqual({});
  expect(Mounts).toEqual([]);
});

it("[DOCKER-3] runs work as nobody, without capabilities, and with no way to new privileges", async () => {
  const { lines } = await run("identity");
  expect(lines.map((line) => line.replace(/\s+/, " "))).toEqual([
    "65534",
    "65534",
    ...["Inh", "Prm", "Eff", "Bnd", "Amb"].map((set) => `Cap${set}: 0000000000000000`),
    "NoNewPrivs: 1",
    "Seccomp: 2",
  ]);
  const { result, lines: setuid } = await run("setuid");
  expect(result).toMatchObject({ status: "failed", reason: "failed" });
  expect(setuid.filter((line) => /^\d+$/.test(line))).toEqual([]);
});

it("[DOCKER-3] lets work write to /tmp only, no more than its size, and run nothing there", async () => {
  expect((await run("write")).lines.filter((line) => !line.includes("Read-only file system"))).toEqual(["x"]);
  // The complaint about the full disk comes through the other stream, perhaps later.
  expect((await run("fillTmp")).lines.filter((line) => /^\d+$/.test(line))).toEqual(["4194304"]);
  expect((await run("runTmp")).result).toMatchObject({ status: "failed", exitCode: 126 });
});

it("[DOCKER-3] stops a fork bomb at the limit of processes, while others run, and ends all of it", async () => {
  const context = new RecordedRun();
  const handle = await harness.runtime.start(harness.task("bomb"), context);
  const result = harness.runtime.wait(handle, context);
  await vi.waitUntil(() => context.lines.join().includes("can't fork"), { timeout: 30_000 });
  const container = harness.docker.getContainer(handle.id);
  const { pids_stats: pids } = await container.stats({ stream: false, "one-shot": true });
  expect(pids?.limit).toBe(32);
  expect(pids?.current).toBeLessThanOrEqual(32);
  expect((await run("identity")).result).toEqual({ status: "complete" });
  await harness.runtime.stop(handle, { graceMs: 0 });
  expect(await result).toMatchObject({ status: "failed" });
  expect((await container.inspect()).State).toMatchObject({ Running: false, Pid: 0 });
  await harness.runtime.destroy(handle);
});

it("[DOCKER-3] says that work ran out of memory, and lets the exit code decide when only a part of it did", async () => {
  const task = harness.task("memory");
  const filters = { type: ["container" as const], event: ["oom" as const], label: [`mayfly.task=${task.id}`] };
  const events = await harness.docker.getEvents({ filters });
  const isHeard = once(events as Readable, "data");
  const context = new RecordedRun();
  const handle = await harness.runtime.start(task, context);
  const result = harness.runtime.wait(handle, context);
  await Promise.all([isHeard, context.said("over")]);
  (events as Readable).destroy();
  await harness.docker.getContainer(handle.id).kill({ signal: "SIGUSR1" });
  expect(await result).toEqual({
    status: "failed",
    reason: "failed",
    exitCode: 137,
    signal: "SIGKILL",
    oomKilled: true,
    message: "The work ran out of memory and ended by SIGKILL.",
  });
  await harness.runtime.destroy(handle);
  const survived = await run("child");
  expect(survived.lines).toContain("survived");
  expect(survived.result).toEqual({ status: "complete" });
});

it("[DOCKER-3] gives work no network, no devices and no mounts", async () => {
  const { lines } = await run("network");
  expect(lines.filter((line) => !line.startsWith("nc: "))).toEqual(["lo", "unreachable"]);
  const devices = (await run("devices")).lines;
  expect(devices.find((line) => line.includes("mqueue"))?.replace(/^core /, "")).toBe(
    "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero ",
  );
  expect(devices.filter((line) => ["mounted", "made"].includes(line))).toEqual([]);
});

it("[DOCKER-4] hands the task to the work, word for word, with its id, attempt, run and deadline", async () => {
  const context = new RecordedRun({ number: 7 });
  const task = harness.task("env", { text: "ü \u0000 $HOME 'quoted' \\n" });
  const handle = await harness.runtime.start(task, context);
  await harness.runtime.wait(handle, context);
  expect(context.lines[0]).toBe(JSON.stringify(task));
  expect(context.lines[1]).toBe(`${task.id} 1 7 ${new Date(context.deadline).toISOString()}`);
  const { Config } = await harness.docker.getContainer(handle.id).inspect();
  expect(Config.Labels).toMatchObject({
    "mayfly.task": task.id,
    "mayfly.run": "7",
    "mayfly.scheduler": task.scheduler,
    "mayfly.deadline": new Date(context.deadline).toISOString(),
  });
});

it("[DOCKER-4] rejects a task that is larger than 64 KiB, and starts nothing", async () => {
  const task = harness.task("env", { text: "x".repeat(65_536) });
  const start = harness.runtime.start(task, new RecordedRun());
  await expect(start).rejects.toMatchObject({ code: "rejected", message: expect.stringMatching(/65536/) as string });
  expect(await harness.remains?.(task, 1)).toBe(false);
});

it("[DOCKER-11] keeps what an image declares as volumes in memory too, within its size and without programs", async () => {
  const base = await harness.docker.createContainer({ Image: "mayfly-test:1", Cmd: ["true"] });
  await base.commit({ repo: "mayfly-volumes", tag: "1", changes: "VOLUME /data" });
  await base.remove();
  const script = "cp /bin/sh /data/sh && /data/sh -c true; head -c 8000000 /dev/zero > /data/zero; du -k /data/zero";
  const runtime = await harness.connect(
    {},
    {
      images: {
        volumes: { image: "mayfly-volumes:1", commands: { main: ["sh", "-c", script] }, memoryMiB: 32, tmpMiB: 4 },
      },
    },
  );
  const context = new RecordedRun();
  const handle = await runtime.start(aTask({ attributes: {} }), context);
  await runtime.wait(handle, context);
  const { HostConfig } = await harness.docker.getContainer(handle.id).inspect();
  const tmpfs = "rw,noexec,nosuid,nodev,mode=1777,size=4m";
  expect(HostConfig.Tmpfs).toEqual({ "/tmp": tmpfs, "/data": tmpfs });
  expect(context.lines.filter((line) => line.includes("/data/sh"))).toEqual([
    expect.stringMatching(/Permission denied/) as string,
  ]);
  const [kibibytes = Number.NaN] = context.lines
    .flatMap((line) => line.match(/^(\d+)\s+\/data\/zero$/)?.slice(1) ?? [])
    .map(Number);
  expect(kibibytes).toBeGreaterThan(0);
  expect(kibibytes).toBeLessThanOrEqual(4_096);
  await runtime.destroy(handle);
  const { Volumes } = await harness.docker.listVolumes();
  expect(Volumes ?? []).toEqual([]);
  await harness.docker.getImage("mayfly-volumes:1").remove();
});
