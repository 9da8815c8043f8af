import { fileURLToPath } from "node:url";
import { type RabbitServer, type RedisServer, startRabbit, startRedis } from "@mayfly/test-services";
import {
  type ProcessName,
  processes,
  processNames,
  type SchedulerName,
  type SchedulerSettings,
  schedulers,
} from "./deployment.ts";
import type { ProcessExit } from "./history.ts";
import { Replica } from "./replica.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const handlers = fileURLToPath(new URL("./chaos-handlers.js", import.meta.url));

/** The virtual host of a run, and what its keys begin with. */
export const vhost = "chaos";

/** In how many parts the store of a run keeps its tasks. */
export const shards = 2;

/** How a cluster is started. */
export interface ClusterOptions {
  /** Where the logs of the processes go. */
  readonly logs: string;
  /** Where the handlers write their journals. */
  readonly journals: string;
  /** Told of each end of a process. */
  readonly onExit: (exit: ProcessExit) => void;
  /** Told of each thing that is started, so that it is ended whatever happens. */
  readonly owns: (name: string, end: () => Promise<void>) => void;
}

/** Everything that a run consists of: private servers, and the programs as processes. */
export interface Cluster {
  readonly rabbit: RabbitServer;
  readonly redis: RedisServer;
  readonly replicas: ReadonlyMap<ProcessName, Replica>;
}

/** Starts the servers, then the processes; resolves when all are processes, ready or not. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { owns } = options;
  const started = await Promise.allSettled([
    startRedis({ extraArgs: ["--appendfsync", "everysec"] }).then((redis) => {
      owns("redis", () => redis.remove());
      return redis;
    }),
    startRabbit().then((rabbit) => {
      owns("rabbit", () => rabbit.remove());
      return rabbit;
    }),
  ]);
  const [redis, rabbit] = started.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  }) as [RedisServer, RabbitServer];
  await rabbit.createVhost(vhost);
  const replicas = new Map<ProcessName, Replica>();
  for (const name of processNames()) {
    const replica = await Replica.start({
      name,
      program: `${root}apps/${processes[name].app}/dist/main.js`,
      env: environmentOf(name, options.journals),
      cwd: root,
      logs: options.logs,
      redisPort: redis.port,
      amqpPort: rabbit.port,
      vhost,
      onExit: options.onExit,
    });
    owns(name, () => replica.close());
    replicas.set(name, replica);
  }
  return { rabbit, redis, replicas };
}

function environmentOf(name: ProcessName, journals: string): Readonly<Record<string, string>> {
  const common = {
    MAYFLY_PREFIX: vhost,
    MAYFLY_SHARDS: String(shards),
    MAYFLY_LOG_LEVEL: "info",
    MAYFLY_SHUTDOWN_GRACE_MS: "8000",
  };
  const it = processes[name];
  if (it.app === "api") return common;
  if (it.app === "timeout") {
    const longestLeaseMs = Math.max(...Object.values(schedulers).map(({ leaseMs }) => leaseMs));
    return { ...common, MAYFLY_LEASE_MS: String(longestLeaseMs), MAYFLY_REANNOUNCE_MS: "5000" };
  }
  return { ...common, ...schedulerEnvironment(it.scheduler), MAYFLY_CHAOS_JOURNALS: journals };
}

function schedulerEnvironment(name: SchedulerName): Readonly<Record<string, string>> {
  const settings: SchedulerSettings = schedulers[name];
  return {
    MAYFLY_SCHEDULER: name,
    MAYFLY_HANDLERS: handlers,
    MAYFLY_CONCURRENCY: String(settings.concurrency),
    MAYFLY_LEASE_MS: String(settings.leaseMs),
    MAYFLY_HOLD_MS: String(settings.holdMs),
    MAYFLY_MAX_ATTEMPTS: String(settings.maxAttempts),
    MAYFLY_STOP_GRACE_MS: "2000",
    ...(settings.backoffMs !== undefined && { MAYFLY_RETRY_BACKOFF_MS: String(settings.backoffMs) }),
  };
}
