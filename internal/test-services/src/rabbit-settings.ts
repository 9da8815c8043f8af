import { chmod, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { freePort } from "./free-port.ts";
import { rabbitPrograms } from "./service-programs.ts";

/** Where a private RabbitMQ node lives. Plain data, so that a test process can be given it. */
export interface RabbitAccess {
  readonly port: number;
  readonly nodeName: string;
  readonly dir: string;
  /** The folder of `rabbitmq-server` and `rabbitmqctl`. */
  readonly programs: string;
  /** The environment of every program that belongs to the node. */
  readonly env: Readonly<Record<string, string>>;
  readonly epmdPort: number;
  /** The ports of the other nodes of its cluster, whose addresses are then given as well. @defaultValue none */
  readonly peerPorts?: readonly number[];
}

/** The smallest node that still has quorum queues: one scheduler thread, small tables, a small write-ahead log. */
const erlangArgs = "+S 1:1 +SDcpu 1:1 +SDio 2 +A 4";

/** What a new node shares with others, or is to have; everything has a default. */
export interface RabbitPlace {
  /** @defaultValue a free port */
  readonly port?: number;
  /** Where its name service listens. @defaultValue a free port */
  readonly epmdPort?: number;
  /** What nodes of one cluster have in common. @defaultValue a secret of its own */
  readonly cookie?: string;
  /** The names of all nodes of its cluster. @defaultValue none: it stays alone */
  readonly peers?: readonly string[];
}

/** The name of the node on a port. */
export function nodeNameOf(port: number): string {
  return `mayfly${port}@localhost`;
}

/** Writes the configuration of a new node into `dir`, an existing folder, and picks its ports. */
export async function prepareRabbit(dir: string, place: RabbitPlace = {}): Promise<RabbitAccess> {
  const port = place.port ?? (await freePort());
  const epmdPort = place.epmdPort ?? (await freePort());
  const distributionPort = await freePort();
  const file = (name: string): string => join(dir, name);
  const nodeName = nodeNameOf(port);

  for (const folder of ["data", "log"]) await mkdir(file(folder), { recursive: true });
  await writeFile(file("rabbitmq.conf"), configuration(port, place.peers ?? []));
  // How often a quorum queue tells its length to `rabbitmqctl list_queues`.
  await writeFile(file("advanced.config"), "[{rabbit, [{quorum_tick_interval, 500}]}].\n");
  await writeFile(file("plugins"), "[].\n");
  await writeFile(file(".erlang.cookie"), place.cookie ?? `mayfly${Math.random().toString(36).slice(2)}`);
  await chmod(file(".erlang.cookie"), 0o400);

  const programs = await rabbitPrograms();
  const env = {
    PATH: [programs, process.env["PATH"] ?? ""].join(delimiter),
    LANG: "C.UTF-8",
    HOME: dir,
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    ERL_CRASH_DUMP: file("erl_crash.dump"),
    ERL_MAX_PORTS: "4096",
    RABBITMQ_NODENAME: nodeName,
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_MNESIA_BASE: file("data"),
    RABBITMQ_LOG_BASE: file("log"),
    RABBITMQ_PID_FILE: file("pid"),
    RABBITMQ_ENABLED_PLUGINS_FILE: file("plugins"),
    RABBITMQ_CONFIG_FILE: file("rabbitmq.conf"),
    RABBITMQ_ADVANCED_CONFIG_FILE: file("advanced.config"),
    RABBITMQ_CONF_ENV_FILE: file("no-environment-file"),
    RABBITMQ_MAX_NUMBER_OF_PROCESSES: "65536",
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: erlangArgs,
    RABBITMQ_CTL_ERL_ARGS: "+S 1:1",
    // Any port: several `rabbitmqctl` may run at once.
    RABBITMQ_CTL_DIST_PORT_MIN: "0",
    RABBITMQ_CTL_DIST_PORT_MAX: "0",
    // Lets the start script become the node itself instead of watching over it, so that signals reach the node.
    RUNNING_UNDER_SYSTEMD: "true",
  };
  return { port, nodeName, dir, programs, env, epmdPort };
}

function configuration(port: number, peers: readonly string[]): string {
  return [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    "disk_free_limit.absolute = 1MB",
    `vm_memory_high_watermark.absolute = ${memoryLimit}`,
    "raft.wal_max_size_bytes = 32000000",
    "log.console = false",
    "log.file.level = warning",
    ...(peers.length > 0 ? ["cluster_partition_handling = pause_minority"] : []),
    ...peers.map((name, index) => `cluster_formation.classic_config.nodes.${index + 1} = ${name}`),
    "",
  ].join("\n");
}

/** The memory at which the node blocks its publishers, in the notation of RabbitMQ. */
export const memoryLimit: string = "1GB";
