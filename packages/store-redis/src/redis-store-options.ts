import type { Clock, Logger } from "@mayfly/service";

/** Options of {@link RedisStore}. */
export interface RedisStoreOptions {
  /**
   * `redis://[user:password@]host[:port][/db]`, or `rediss://` for TLS. Several addresses separated by commas are nodes of
   * one Redis Cluster.
   */
  readonly url: string;
  /** What all keys and channels begin with; stores with different prefixes do not meet. @defaultValue "mayfly" */
  readonly prefix?: string | undefined;
  /**
   * In how many parts the tasks are kept. Settled when a store is new; another number is refused later.
   * @defaultValue what the store was made with; a new one: 1, on a Cluster 16
   */
  readonly shards?: number | undefined;
  /** Refuse a Redis that may lose what it has acknowledged, instead of logging a warning. @defaultValue false */
  readonly production?: boolean | undefined;
  /** Measures how long calls take. @defaultValue the host's clock */
  readonly clock?: Clock | undefined;
  /** @defaultValue silent */
  readonly logger?: Logger | undefined;
  /** How long a call may take, in milliseconds, its repeats included. @defaultValue 2000 */
  readonly callTimeoutMs?: number | undefined;
  /** About how many events each shard keeps. @defaultValue 100000 */
  readonly maxEvents?: number | undefined;
  /** How many tombstones each shard keeps; beyond that, those that would expire first go. @defaultValue 100000 */
  readonly maxTombstones?: number | undefined;
}
