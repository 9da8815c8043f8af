/**
 * Which of `shards` parts a task belongs to: the 32-bit FNV-1a hash of its id, modulo
 * (http://www.isthe.com/chongo/tech/comp/fnv/). Part of the format: it decides where a task is looked for.
 */
export function shardNumber(id: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % shards;
}
