import { createClient } from "redis";

/** Every key that matches a pattern, sorted, on one server or on all nodes of a Cluster (addresses separated by commas). */
export async function redisKeys(redisUrl: string, pattern: string): Promise<readonly string[]> {
  const keys = await Promise.all(redisUrl.split(",").map((url) => keysOn(url, pattern)));
  return [...new Set(keys.flat())].sort();
}

/** A node of a Cluster tells of its own keys, also to a client that knows nothing of Clusters. */
async function keysOn(url: string, pattern: string): Promise<readonly string[]> {
  const client = createClient({ url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await client.keys(pattern);
  } finally {
    client.destroy();
  }
}
