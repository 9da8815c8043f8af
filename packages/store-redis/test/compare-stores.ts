import fc from "fast-check";
import { openKeyspace } from "./keyspace.ts";
import { stepsOf } from "./steps.ts";
import { TwoStores } from "./two-stores.ts";

const ids = [1, 2].map((number) => `${number}0000000-0000-4000-8000-000000000000`);

/** How many sequences are tried: in `npm run model` as many as are asked for. */
export const sequences: number = Number(process.env["MAYFLY_MODEL_SEQUENCES"] ?? 200);

/** Of how many steps a sequence is at most. */
const longest = 100;

/**
 * Does random sequences of steps to the store on the Redis at `url` and to the store in memory, and rejects with the
 * shortest one that it finds after which they differ, or after which an index is not true to the records.
 */
export async function compareStores(options: {
  readonly url: string;
  /** How many sequences. */
  readonly count: number;
  readonly shards: readonly number[];
}): Promise<void> {
  const { url } = options;
  const keyspace = await openKeyspace(url);
  const property = fc.asyncProperty(
    stepsOf(ids, longest),
    fc.constantFrom(...options.shards),
    async (steps, shards) => {
      const stores = new TwoStores({ keyspace, url, shards, ids });
      await stores.open();
      try {
        for (const step of steps) await stores.take(step);
        await stores.compareEvents();
      } finally {
        await stores.close();
      }
    },
  );
  try {
    const seed = process.env["MAYFLY_MODEL_SEED"];
    await fc.assert(property, { numRuns: options.count, ...(seed !== undefined && { seed: Number(seed) }) });
  } finally {
    keyspace.close();
  }
}
