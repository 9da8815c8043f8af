import type { TestProject } from "vitest/node";
import { ensureServices } from "./ensure-services.ts";
import { startRabbit } from "./rabbit-server.ts";
import type { RabbitAccess } from "./rabbit-settings.ts";
import { startRedis } from "./redis-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The address of the run's Redis server, or those of the nodes of its Redis Cluster. Use a key prefix of your own. */
    readonly redisUrl: string;
    /** The run's RabbitMQ node, or one of its cluster. Make a virtual host of your own: `new RabbitControl(inject("rabbit"))`. */
    readonly rabbit: RabbitAccess;
  }
}

/** Starts one Redis server and one RabbitMQ node for all test files of a run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await ensureServices((line) => project.vitest.logger.log(line));
  const [redis, rabbit] = await Promise.all([startRedis(), startRabbit()]);
  project.provide("redisUrl", redis.url);
  project.provide("rabbit", rabbit.access);
  return async () => {
    await Promise.all([redis.remove(), rabbit.remove()]);
  };
}
