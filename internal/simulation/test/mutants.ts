/** A guard of the store package that is taken away: one place of one source is replaced. */
export interface Mutant {
  /** What is wrong then. */
  readonly title: string;
  /** The source, below `src` of the store package. */
  readonly file: string;
  /** Occurs exactly once in it. */
  readonly find: string;
  readonly replace: string;
}

/** Each guard that the protocol stands on, taken away. */
export const mutants: readonly Mutant[] = [
  {
    title: "does not compare the attempt of an owner",
    file: "in-memory/prove-owner.ts",
    find: "owner.attempt !== record.attempt || ",
    replace: "",
  },
  {
    title: "does not compare the claim token of an owner",
    file: "in-memory/prove-owner.ts",
    find: " || owner.token !== record.claim?.token",
    replace: "",
  },
  {
    title: "takes every claim of a running task for a repeat",
    file: "in-memory/claim.ts",
    find: "record.claim.token === request.token",
    replace: "true",
  },
  {
    title: "does not look at the timeout once more when a task ends",
    file: "in-memory/ending.ts",
    find: 'if (isPastTimeout(record, now)) return { outcome: "timeout" };',
    replace: "",
  },
  {
    title: "leaves no tombstone",
    file: "in-memory/tombstones.ts",
    find: "this.#tombstones.set(tombstone.view.id, tombstone);",
    replace: "",
  },
  {
    title: "does not compare the announce token",
    file: "in-memory/announce.ts",
    find: "if (record?.announceToken === token && isWaiting)",
    replace: "if (record !== undefined && isWaiting)",
  },
  {
    title: "hands out an announcement without moving it on",
    file: "in-memory/sweep.ts",
    find: "shard.outbox.set(record.id, now + takenForMs);",
    replace: "",
  },
  {
    title: "announces a task before it is due",
    file: "in-memory/claim.ts",
    find: "record.dueAt > now",
    replace: "false",
  },
  {
    title: "fences an owner when its lease has long ended",
    file: "heartbeat-lease-keeper.ts",
    find: "renewedAtMs + this.#leaseMs - this.#sixthMs",
    replace: "renewedAtMs + this.#leaseMs + this.#sixthMs",
  },
];
