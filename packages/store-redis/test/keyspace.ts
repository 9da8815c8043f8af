import { createClient, createCluster } from "redis";

/** What is the same for a client of a single node and of a Cluster. */
interface Commands {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<unknown>;
  del(key: string): Promise<number>;
  mGet(keys: string[]): Promise<(string | null)[]>;
  hGetAll(key: string): Promise<Record<string, string>>;
  sMembers(key: string): Promise<string[]>;
  zRangeWithScores(key: string, from: number, to: number): Promise<{ value: string; score: number }[]>;
  pTTL(key: string): Promise<number>;
  persist(key: string): Promise<unknown>;
}

/** Reads and changes the keys of a Redis, a single node or a Cluster, without a line of the store's code. */
export interface Keyspace extends Omit<Commands, "del"> {
  /** All keys under a prefix, sorted. */
  keys(prefix: string): Promise<readonly string[]>;
  remove(keys: readonly string[]): Promise<void>;
  /** Makes each server forget the scripts that it knows. */
  flushScripts(): Promise<void>;
  close(): void;
}

type Single = ReturnType<typeof single>;

const single = (url: string) => createClient({ url });

/** Connects to a Redis: an address, or those of the nodes of a Cluster, separated by commas. */
export async function openKeyspace(url: string): Promise<Keyspace> {
  if (!url.includes(",")) {
    const client = single(url).on("error", () => undefined);
    await client.connect();
    return keyspaceOf(client, { servers: async () => [client], close: () => client.destroy() });
  }
  const cluster = createCluster({ rootNodes: url.split(",").map((address) => ({ url: address })) });
  cluster.on("error", () => undefined);
  await cluster.connect();
  return keyspaceOf(cluster, {
    servers: () => Promise.all(cluster.masters.map((node) => cluster.nodeClient(node) as Promise<Single>)),
    close: () => cluster.destroy(),
  });
}

function keyspaceOf(
  commands: Commands,
  options: { readonly servers: () => Promise<readonly Single[]>; readonly close: () => void },
): Keyspace {
  const { servers, close } = options;
  return {
    get: (key) => commands.get(key),
    set: (key, value) => commands.set(key, value),
    mGet: async (keys) => (keys.length === 0 ? [] : await commands.mGet(keys)),
    hGetAll: async (key) => ({ ...(await commands.hGetAll(key)) }),
    sMembers: (key) => commands.sMembers(key),
    zRangeWithScores: (key, from, to) => commands.zRangeWithScores(key, from, to),
    pTTL: (key) => commands.pTTL(key),
    persist: (key) => commands.persist(key),
    keys: async (prefix) => {
      const found = await Promise.all((await servers()).map((server) => keysOn(server, prefix)));
      return [...new Set(found.flat())].sort();
    },
    remove: async (keys) => {
      await Promise.all(keys.map((key) => commands.del(key)));
    },
    flushScripts: async () => {
      await Promise.all((await servers()).map((server) => server.scriptFlush()));
    },
    close,
  };
}

async function keysOn(server: Single, prefix: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const page of server.scanIterator({ MATCH: `${prefix}:*`, COUNT: 1_000 })) keys.push(...page);
  return keys;
}
