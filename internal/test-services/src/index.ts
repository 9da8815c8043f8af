/**
 * Private servers for tests: each has free ports and a temporary folder of its own, ends with the test
 * process whatever happens to it, and never touches the machine's own instances.
 *
 * ```ts
 * await using redis = await startRedis();
 * await using rabbit = await startRabbit();
 * const amqpUrl = await rabbit.createVhost("orders");
 * await using api = await startApp({ app: "api", env: { MAYFLY_REDIS_URL: redis.url, MAYFLY_AMQP_URL: amqpUrl } });
 * await api.waitFor("listening");
 * ```
 *
 * Test files of the projects `services`, `e2e` and `examples` share one of each: `inject("redisUrl")`,
 * `new RabbitControl(inject("rabbit"))`.
 *
 * @packageDocumentation
 */
export { type AppOptions, AppProcess, startApp, type WaitOptions } from "./app-process.ts";
export { type DockerServer, type DockerServerOptions, startDocker } from "./docker-server.ts";
export { askEngine } from "./engine-request.ts";
export { ensureDocker } from "./ensure-docker.ts";
export { ensureServices } from "./ensure-services.ts";
export type { Slowness } from "./fault-lane.ts";
export { type ConnectionCounts, FaultProxy, startProxy } from "./fault-proxy.ts";
export { freePort } from "./free-port.ts";
export { LeakCheck } from "./leak-check.ts";
export type { LogLine } from "./log-reader.ts";
export { type ExitStatus, OwnedProcess, type OwnedProcessOptions } from "./owned-process.ts";
export { RabbitCluster, startRabbitCluster } from "./rabbit-cluster.ts";
export { type QueueStatus, RabbitControl } from "./rabbit-control.ts";
export { type RabbitOptions, RabbitServer, startRabbit } from "./rabbit-server.ts";
export type { RabbitAccess } from "./rabbit-settings.ts";
export { RedisCluster, type RedisClusterOptions, startRedisCluster } from "./redis-cluster.ts";
export { type RedisOptions, RedisServer, startRedis } from "./redis-server.ts";
