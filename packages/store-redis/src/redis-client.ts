import { fullJitterMs } from "@mayfly/service";
import { createClient, createCluster } from "redis";

/** What the store needs of a client of node-redis, for a single node and for a Cluster alike. */
export interface RedisClient {
  /** Whether there is a connection; a Cluster, which has many, does not say. */
  readonly isReady?: boolean;
  connect(): Promise<unknown>;
  destroy(): void;
  eval(script: string, options: ScriptCall): Promise<unknown>;
  evalSha(sha1: string, options: ScriptCall): Promise<unknown>;
  subscribe(channel: string, listener: HintListener): Promise<void>;
  unsubscribe(channel: string, listener: HintListener): Promise<void>;
  /** `ready`: the connection, `node-ready`: a connection of a Cluster, is there, again too. */
  on(event: "ready" | "node-ready", listener: () => void): unknown;
  on(event: "error", listener: (error: unknown) => void): unknown;
}

/** Called with each message of a channel, which is a string unless bytes were asked for. */
export type HintListener = (message: string | Buffer) => void;

/** What a script is called with; on a Cluster the first key decides where. */
export interface ScriptCall {
  readonly keys: string[];
  readonly arguments: string[];
}

/** How a client connects. */
export interface RedisClientOptions {
  /** `redis://` or `rediss://`, with user, password and database if needed; several separated by commas are a Cluster. */
  readonly url: string;
  /** Told each error of a connection; the client reconnects unless the answer is false. */
  readonly canRetry: (error: unknown) => boolean;
}

/** How long a connection may be silent, and how often one that has nothing to say asks for a sign of life. */
const silenceMs = 15_000;
const pingMs = 5_000;

/** Whether the address stands for a Cluster. */
export function isCluster(url: string): boolean {
  return url.includes(",");
}

/**
 * Makes a client that is not connected yet. A call fails at once while it has no connection.
 *
 * @throws TypeError when an address is none; it does not say which, for it may hold a password
 */
export function createRedisClient({ url, canRetry }: RedisClientOptions): RedisClient {
  const options = {
    RESP: 3 as const,
    maintNotifications: "disabled" as const,
    disableOfflineQueue: true,
    pingInterval: pingMs,
    // The store bounds its calls itself; a timer for each of them here would be a second one.
    commandOptions: { timeout: 0 },
    socket: {
      connectTimeout: 2_000,
      socketTimeout: silenceMs,
      reconnectStrategy: (retries: number, cause: Error) =>
        canRetry(cause) ? fullJitterMs(retries, { baseMs: 50, maxMs: 2_000 }) : cause,
    },
  };
  const urls = url.split(",").map(parseAddress);
  const [first, ...others] = urls;
  if (first === undefined || others.length === 0) return createClient({ ...options, url: first?.href ?? url });
  // Nodes that are discovered get what is common to all, and not what a root node's address says.
  const { username, password, protocol } = first;
  const credentials = {
    ...(username !== "" && { username: decodeURIComponent(username) }),
    ...(password !== "" && { password: decodeURIComponent(password) }),
  };
  const socket = { ...options.socket, ...(protocol === "rediss:" && { tls: true as const }) };
  return createCluster({
    RESP: 3,
    rootNodes: urls.map(({ href }) => ({ url: href })),
    defaults: { ...options, ...credentials, socket },
  });
}

function parseAddress(text: string): URL {
  const address = URL.canParse(text) ? new URL(text) : undefined;
  if (address === undefined || !/^rediss?:$/.test(address.protocol)) {
    throw new TypeError("An address of Redis must look like redis://[user:password@]host[:port][/db].");
  }
  return address;
}
