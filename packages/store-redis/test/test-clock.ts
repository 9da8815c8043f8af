import { createHash } from "node:crypto";
import type { Script } from "../src/script.ts";
import type { Keyspace } from "./keyspace.ts";

const realNow = "local now = time[1] * 1000 + math.floor(time[2] / 1000)";
const testNow = "local now = tonumber(redis.call('GET', string.match(KEYS[1], '^.-}') .. ':test-now'))";

/** Sets the time of a store whose scripts run on a test clock: a key for each shard, in the shard's slot. */
export async function setTestNow(
  keyspace: Keyspace,
  store: { readonly prefix: string; readonly shards: number },
  now: number,
): Promise<void> {
  const shards = Array.from({ length: store.shards }, (_, shard) => `${store.prefix}:{${shard}}:test-now`);
  await Promise.all(shards.map((key) => keyspace.set(key, String(now))));
}

/** The generated scripts, but with a time that a test sets: for `vi.mock` of `scripts.generated.ts`. */
export function withTestClock(generated: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(generated).map(([name, value]) => [name, isScript(value) ? onTestClock(value) : value]),
  );
}

function isScript(value: unknown): value is Script {
  return typeof value === "object" && value !== null && "lua" in value;
}

function onTestClock(script: Script): Script {
  const lua = script.lua.replace(realNow, testNow);
  return { name: script.name, lua, sha1: createHash("sha1").update(lua).digest("hex") };
}
