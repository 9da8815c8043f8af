import type { ContainerCreateOptions } from "dockerode";
import { containerName, type LabelledRun, labelsOf } from "./container-labels.ts";
import { imageToRun, parseImageReference } from "./image-reference.ts";
import type { SelectedWork } from "./selected-work.ts";

const mebibyte = 1_048_576;
const tmp = "/tmp";

/** What the engine is asked to create. */
export type ContainerOptions = ContainerCreateOptions & { readonly name: string; readonly Image: string };

/**
 * What the engine is asked to create: nothing of it comes from the task but the choice of image and command, and
 * `variables`, which those of the image cannot replace.
 */
export function containerOptions(
  { image, command }: SelectedWork,
  run: LabelledRun,
  variables: Readonly<Record<string, string>>,
): ContainerOptions {
  const memory = image.memoryMiB * mebibyte;
  return {
    name: containerName(run.task.id, run.run),
    Image: imageToRun(parseImageReference(image.image)),
    // An image's own entry point would get the command as its arguments: what runs is what the spec says.
    Entrypoint: command.slice(0, 1),
    Cmd: command.slice(1),
    Env: Object.entries({ ...image.env, ...variables }).map(([name, value]) => `${name}=${value}`),
    Labels: labelsOf(run),
    User: image.user,
    ...(image.workingDir === undefined ? {} : { WorkingDir: image.workingDir }),
    OpenStdin: false,
    Tty: false,
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    NetworkDisabled: image.network === "none",
    HostConfig: {
      NetworkMode: image.network,
      Privileged: false,
      ReadonlyRootfs: true,
      Tmpfs: { [tmp]: `rw,noexec,nosuid,nodev,mode=1777,size=${image.tmpMiB}m` },
      ShmSize: mebibyte,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      PidsLimit: image.pids,
      Memory: memory,
      // The sum of memory and swap: the same number means none.
      MemorySwap: memory,
      NanoCpus: Math.round(image.cpus * 1e9),
      Ulimits: [{ Name: "core", Soft: 0, Hard: 0 }],
      IpcMode: "private",
      RestartPolicy: { Name: "no" },
      AutoRemove: false,
      Init: true,
      // Faster than json-file: work waits for its log to be written. Packing old files up costs more than it saves.
      LogConfig: { Type: "local", Config: { "max-size": "2m", "max-file": "2", compress: "false" } },
    },
  };
}

/** The same with what the image declares as `volumes`: each is like `/tmp`, instead of a folder on the disk of the host. */
export function withinTmpfs(options: ContainerOptions, volumes: readonly string[]): ContainerOptions {
  const { Tmpfs = {} } = options.HostConfig ?? {};
  const added = Object.fromEntries(volumes.map((path) => [path, Tmpfs[tmp] ?? ""]));
  return { ...options, HostConfig: { ...options.HostConfig, Tmpfs: { ...added, ...Tmpfs } } };
}
