import type { Mutant } from "./mutant.ts";

const proof = "in-memory/prove-owner.ts";
const claim = "in-memory/claim.ts";
const shard = "in-memory/shard.ts";
const restore = "in-memory/restore.ts";
const announce = "in-memory/announce.ts";
const memory = "in-memory/scheduler-memory.ts";
const undelivered = "in-memory/undelivered.ts";
const registry = "in-memory/registry.ts";
const log = "in-memory/event-log.ts";
const keeper = "heartbeat-lease-keeper.ts";

/** Bugs in what the store does about faults: lost records, lost messages, dead letters. */
export const faultMutants: readonly Mutant[] = [
  // Missing records
  {
    title: "takes what it has lost for gone",
    file: proof,
    find: 'shard.mayHaveLost(owner.scheduledAt) ? "lost" : "gone"',
    replace: '"gone"',
  },
  {
    title: "takes what was never there for lost",
    file: proof,
    find: 'shard.mayHaveLost(owner.scheduledAt) ? "lost" : "gone"',
    replace: '"lost"',
  },
  {
    title: "lets a claim take what was never there for lost",
    file: claim,
    find: " || !shard.mayHaveLost(scheduledAt)",
    replace: "",
  },
  {
    title: "makes anew what is done",
    file: claim,
    find: "shard.tombstones.find(id, now) !== undefined || ",
    replace: "",
  },
  {
    title: "makes anew what nobody asked for",
    file: claim,
    find: 'if (recreate === undefined) return { answer: "lost" };',
    replace: "",
  },
  {
    title: "never makes anew what is lost",
    file: claim,
    find: "if (recreate === undefined) return",
    replace: "return",
  },
  {
    title: "makes anew what has timed out",
    file: claim,
    find: "if (isPastTimeout(record, now)) {\n    shard.endLost",
    replace: "if (false) {\n    shard.endLost",
  },
  {
    title: "counts the attempts of what it makes anew from one",
    file: claim,
    find: "notBefore: undefined }), attempt }",
    replace: "notBefore: undefined }) }",
  },
  {
    title: "takes what it makes anew for scheduled now",
    file: claim,
    find: "timeout, scheduledAt, retentionMs",
    replace: "timeout, scheduledAt: now, retentionMs",
  },
  {
    title: "loses the trace of what it makes anew",
    file: claim,
    find: "retentionMs, traceparent, announceToken };",
    replace: "retentionMs, announceToken };",
  },
  {
    title: "does not say how long it keeps a tombstone",
    file: claim,
    find: "    retentionMs: record.retentionMs,\n",
    replace: "",
  },
  {
    title: "tells the end of what it lost to nobody",
    file: shard,
    find: 'this.#bury(record, { outcome: "timeout" }, { byOwner: false });',
    replace: "",
  },
  {
    title: "forgets what is done before its last copy",
    file: shard,
    find: "this.mayHaveLost(scheduledAt) ? Math.max(retentionMs, timeout - now + retentionMs) : retentionMs",
    replace: "retentionMs",
  },
  {
    title: "forgets what was scheduled in a gap at its timeout",
    file: shard,
    find: "Math.max(retentionMs, timeout - now + retentionMs)",
    replace: "timeout - now",
  },
  {
    title: "has no gap",
    file: "in-memory/gaps.ts",
    find: "this.#spans = [...this.#spans, { from, until }];",
    replace: "",
  },
  { title: "has a gap without an end", file: "in-memory/gaps.ts", find: " && scheduledAt <= until", replace: "" },

  // Restoring
  {
    title: "restores over the record of another owner",
    file: restore,
    find: 'if (present.answer !== "lost") return { answer: present.answer };',
    replace: "",
  },
  {
    title: "restores over the record that is there",
    file: restore,
    find: "heartbeat(shard, copy.owner)",
    replace: '{ answer: "lost" } as ReturnType<typeof heartbeat>',
  },
  {
    title: "restores what has timed out",
    file: restore,
    find: "if (isPastTimeout(record, shard.now())) {",
    replace: "if (false) {",
  },
  {
    title: "restores without a lease",
    file: shard,
    find: "this.#enter(record);\n    this.renew(record);",
    replace: "this.#enter(record);",
  },
  { title: "restores the first run", file: restore, find: "    run,\n", replace: "" },
  { title: "forgets the failures of what it restores", file: restore, find: "    failures,\n", replace: "" },
  {
    title: "forgets the handle of what it restores",
    file: restore,
    find: "handle: structuredClone(handle)",
    replace: "handle: undefined",
  },
  { title: "takes what it restores for started now", file: restore, find: "now - copy.runningForMs", replace: "now" },
  {
    title: "has no end for what it restores",
    file: shard,
    find: "    this.timeouts.set(record.id, record.timeout);\n",
    replace: "",
  },

  // Announcing again
  {
    title: "does not compare the announce token",
    file: announce,
    find: "record?.announceToken === token && isWaiting",
    replace: "record !== undefined && isWaiting",
  },
  { title: "takes what runs for announced", file: announce, find: " && isWaiting", replace: "" },
  {
    title: "announces again without comparing the token",
    file: announce,
    find: "record?.announceToken !== token || !isAnnounced",
    replace: "record === undefined || !isAnnounced",
  },
  { title: "announces again what was not announced", file: announce, find: " || !isAnnounced", replace: "" },
  {
    title: "announces again after a while",
    file: shard,
    find: "this.#toOutbox(record, this.now());",
    replace: "this.#toOutbox(record, this.now() + 5_000);",
  },
  {
    title: "takes for stalled what was announced just now",
    file: announce,
    find: "announcedAt > until || ",
    replace: "",
  },
  { title: "lists more stalled tasks than it may", file: announce, find: "page.length === limit", replace: "false" },
  { title: "leaves no stalled task out", file: announce, find: " || seen++ < skip", replace: "" },
  {
    title: "lists the youngest stalled task first",
    file: announce,
    find: "of shard.announced) {",
    replace: "of [...shard.announced].reverse()) {",
  },
  {
    title: "leaves a claimed task among the announced",
    file: shard,
    find: 'this.announced.delete(record.id);\n    this.#tell(record, "ack")',
    replace: 'this.#tell(record, "ack")',
  },
  {
    title: "leaves a done task among the announced",
    file: shard,
    find: "    this.announced.delete(record.id);\n    this.schedulers",
    replace: "    this.schedulers",
  },
  {
    title: "leaves what is to be announced among the announced",
    file: shard,
    find: "    this.announced.delete(record.id);\n    this.outbox.set",
    replace: "    this.outbox.set",
  },
  {
    title: "takes every task for overtaken",
    file: announce,
    find: "shard.schedulers.latestClaimed(scheduler) - announcedAt >= ageMs",
    replace: "true",
  },
  {
    title: "takes no task for overtaken",
    file: announce,
    find: "shard.schedulers.latestClaimed(scheduler) - announcedAt >= ageMs",
    replace: "false",
  },
  {
    title: "takes a task for overtaken that was announced a little earlier",
    file: announce,
    find: "announcedAt >= ageMs",
    replace: "announcedAt > 0",
  },
  {
    title: "compares with the time of a claim",
    file: shard,
    find: "this.announced.get(record.id) ?? record.dueAt",
    replace: "this.now()",
  },
  {
    title: "forgets the claims of what is not announced",
    file: shard,
    find: "this.announced.get(record.id) ?? record.dueAt",
    replace: "this.announced.get(record.id) ?? 0",
  },
  {
    title: "compares with the last claim, however old its task is",
    file: memory,
    find: "Math.max(entry.latestClaimed, announcedAt)",
    replace: "announcedAt",
  },
  {
    title: "mixes the queues of all schedulers",
    file: memory,
    find: "const entry = this.#entries.get(scheduler);\n    if (entry !== undefined) entry.latestClaimed",
    replace: "for (const entry of this.#entries.values()) entry.latestClaimed",
  },

  // Dead letters
  { title: "lets an old message count", file: undelivered, find: " || record.announceToken !== token", replace: "" },
  { title: "takes a task from its owner", file: undelivered, find: 'record.state !== "scheduled" || ', replace: "" },
  { title: "counts no failure of a message", file: undelivered, find: "  record.failures++;\n", replace: "" },
  {
    title: "announces for ever what nobody can read",
    file: undelivered,
    find: "record.failures >= maxFailures || ",
    replace: "",
  },
  {
    title: "lets wait what has timed out",
    file: undelivered,
    find: " || isPastTimeout(record, shard.now())",
    replace: "",
  },
  {
    title: "announces at once what nobody could read",
    file: undelivered,
    find: "{ delayMs, byOwner: false }",
    replace: "{ delayMs: 0, byOwner: false }",
  },
  {
    title: "takes the message of a done task for that of a lost one",
    file: undelivered,
    find: "!isDone && ",
    replace: "",
  },
  {
    title: "takes every dead letter for that of a done task",
    file: undelivered,
    find: 'isLost ? "lost" : "gone"',
    replace: '"gone"',
  },

  // What is around it
  {
    title: "does not keep the registration of a beat",
    file: registry,
    find: "this.register(scheduler, registration)",
    replace: "this.register(scheduler, {})",
  },
  {
    title: "replaces a registration with each beat",
    file: registry,
    find: "if (!this.#schedulers.has(scheduler)) this",
    replace: "this",
  },
  { title: "tells no gap", file: log, find: ": !isKept", replace: ": false" },
  {
    title: "tells no gap to who had read all",
    file: log,
    find: "this.#events.length + 1",
    replace: "this.#events.length",
  },
  {
    title: "tells a gap to who asks for the first event",
    file: log,
    find: "? this.#hasDropped :",
    replace: "? true :",
  },
  {
    title: "drops the lease of what is lost",
    file: keeper,
    find: '} else if (signal !== "lost") {',
    replace: "} else {",
  },
  {
    title: "does not tell an owner that his task is lost",
    file: keeper,
    find: '      this.#signal(lease.owner, "lost");\n',
    replace: "",
  },
];
