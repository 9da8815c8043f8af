/**
 * The store port of Mayfly on Redis 7: {@link RedisStore}, on a single node or on a Redis Cluster.
 *
 * ```ts
 * const store = new RedisStore({ url: "redis://127.0.0.1:6379", production: true });
 * await store.open();
 * ```
 *
 * @packageDocumentation
 */
export { RedisStore } from "./redis-store.ts";
export type { RedisStoreOptions } from "./redis-store-options.ts";
