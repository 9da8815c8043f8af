import type { Mutant } from "./mutant.ts";

const shard = "in-memory/shard.ts";
const steps = "in-memory/owner-steps.ts";
const proof = "in-memory/prove-owner.ts";
const ending = "in-memory/ending.ts";
const claim = "in-memory/claim.ts";
const schedule = "in-memory/schedule.ts";
const recover = "in-memory/recover.ts";
const sweep = "in-memory/sweep.ts";
const list = "in-memory/list.ts";
const store = "in-memory-store.ts";
const registry = "in-memory/registry.ts";
const record = "in-memory/task-record.ts";

/** Bugs that the contract suite must find. */
export const mutants: readonly Mutant[] = [
  // Who owns a task
  {
    title: "does not compare the attempt",
    file: proof,
    find: "owner.attempt !== record.attempt || ",
    replace: "",
  },
  { title: "does not compare the token", file: proof, find: " || owner.token !== record.claim?.token", replace: "" },
  {
    title: "takes an owner who has lost his task for its owner",
    file: proof,
    find: 'if (record.state !== "scheduled") return',
    replace: "return",
  },
  {
    title: "answers stale when a release is repeated",
    file: proof,
    find: 'record.releasedByOwner ? "released" : "stale"',
    replace: '"stale"',
  },
  {
    title: "answers released to an owner who has lost his task",
    file: proof,
    find: 'record.releasedByOwner ? "released" : "stale"',
    replace: '"released"',
  },
  {
    title: "answers gone when a finish is repeated",
    file: proof,
    find: "return tombstone.closedByOwner ?",
    replace: "return false ?",
  },
  {
    title: "tells an owner that he has ended what has timed out",
    file: proof,
    find: "return tombstone.closedByOwner ?",
    replace: "return true ?",
  },
  {
    title: "answers gone to an earlier owner of a done task",
    file: proof,
    find: 'owner.token !== tombstone.token) return { is: "stale" }',
    replace: 'owner.token !== tombstone.token) return { is: "gone" }',
  },

  // Claims
  {
    title: "holds off the repeat of a claim",
    file: claim,
    find: "record.claim.token === request.token",
    replace: "false",
  },
  {
    title: "does not renew the lease of a repeated claim",
    file: claim,
    find: "      shard.renew(record);\n",
    replace: "",
  },
  {
    title: "grants what another holds",
    file: claim,
    find: 'if (record.claim.leaseEndsAt > now) return { answer: "held" };',
    replace: "",
  },
  {
    title: "holds a task whose lease has ended",
    file: claim,
    find: "if (record.claim.leaseEndsAt > now)",
    replace: "if (true)",
  },
  { title: "grants what is not due", file: claim, find: "record.dueAt > now", replace: "false" },
  {
    title: "grants what has timed out",
    file: claim,
    find: "if (isPastTimeout(record, now)) {\n    shard.end(",
    replace: "if (false) {\n    shard.end(",
  },
  {
    title: "never gives the stored task",
    file: claim,
    find: "isAnnounced ? undefined : taskOf(record)",
    replace: "undefined",
  },
  { title: "counts no attempts", file: shard, find: "    record.attempt++;\n", replace: "    record.attempt = 1;\n" },
  {
    title: "leaves a granted task in the outbox",
    file: shard,
    find: 'this.outbox.delete(record.id);\n    this.announced.delete(record.id);\n    this.#tell(record, "ack")',
    replace: 'this.announced.delete(record.id);\n    this.#tell(record, "ack")',
  },
  {
    title: "does not renew a lease",
    file: shard,
    find: "this.leases.set(record.id, record.claim.leaseEndsAt);",
    replace: "",
  },

  // Giving up
  {
    title: "counts no failure of a retry",
    file: steps,
    find: 'if (request.cause === "retry") record.failures++;',
    replace: "",
  },
  {
    title: "counts a give-back as a failure",
    file: steps,
    find: 'if (request.cause === "retry") record',
    replace: "record",
  },
  { title: "retries one time too often", file: steps, find: "record.failures >= (", replace: "record.failures > (" },
  { title: "keeps the run of work that has ended", file: steps, find: "    record.run++;\n", replace: "" },
  {
    title: "keeps the handle of work that has ended",
    file: steps,
    find: "    record.handle = undefined;\n",
    replace: "",
  },
  { title: "drops what is handed over", file: steps, find: 'request.cause !== "hand_over"', replace: "true" },
  { title: "lets an aborting task be given back", file: steps, find: ' || record.state === "aborting"', replace: "" },
  { title: "makes a released task due at once", file: steps, find: "delayMs: request.delayMs", replace: "delayMs: 0" },
  { title: "keeps the announce token", file: shard, find: "    record.announceToken = randomUUID();\n", replace: "" },
  { title: "does not tell a requeue", file: shard, find: '    this.#tell(record, "requeue");\n', replace: "" },

  // Ending
  {
    title: "completes after the timeout",
    file: ending,
    find: "if (isPastTimeout(record, now)) return",
    replace: "if (false) return",
  },
  {
    title: "completes what was to be aborted",
    file: ending,
    find: 'if (record.state === "aborting") return',
    replace: "if (false) return",
  },
  { title: "leaves no tombstone", file: shard, find: "this.tombstones.add(", replace: "Object.is(" },
  {
    title: "tells a second terminal event",
    file: shard,
    find: "    this.#doneListeners.tell(record.id);\n",
    replace: '    this.#doneListeners.tell(record.id);\n    this.#tell(record, "timeout");\n',
  },
  {
    title: "keeps the lease of a done task",
    file: shard,
    find: "this.timeouts.delete(record.id);\n    this.leases.delete(record.id);",
    replace: "this.timeouts.delete(record.id);",
  },
  {
    title: "keeps the timeout of a done task",
    file: shard,
    find: "    this.timeouts.delete(record.id);\n",
    replace: "",
  },
  {
    title: "does not tell those who wait for the end",
    file: shard,
    find: "    this.#doneListeners.tell(record.id);\n",
    replace: "",
  },
  { title: "tells an owner to stop what he ends", file: shard, find: " && !options.byOwner", replace: "" },
  { title: "tells no owner to stop", file: shard, find: '    this.#tellOwner(record, "abort");\n', replace: "" },
  {
    title: "takes the message of the last abort",
    file: shard,
    find: 'if (record.state !== "aborting") record.abort',
    replace: "record.abort",
  },
  {
    title: "keeps tombstones for ever",
    file: "in-memory/tombstones.ts",
    find: "times.now + times.retentionMs",
    replace: "Infinity",
  },

  // Sweeping
  {
    title: "lets what was to be aborted run again",
    file: recover,
    find: ' && record.state === "running"',
    replace: "",
  },
  { title: "counts no lost lease", file: recover, find: "  record.failures++;\n", replace: "" },
  {
    title: "recovers for ever",
    file: recover,
    find: "return record.failures >= (record.claim?.maxAttempts ?? 0)",
    replace: "return false",
  },
  {
    title: "gives what is due to every sweeper",
    file: sweep,
    find: "    shard.outbox.set(record.id, now + takenForMs);\n",
    replace: "",
  },
  {
    title: "gives what is due only once",
    file: sweep,
    find: "shard.outbox.set(record.id, now + takenForMs)",
    replace: "shard.outbox.delete(record.id)",
  },
  {
    title: "ignores the size of a batch",
    file: sweep,
    find: "if (announcements.length > 0 && bytes > maxBytes) break;",
    replace: "",
  },
  { title: "is stopped by a large body", file: sweep, find: "announcements.length > 0 && ", replace: "" },
  { title: "ignores the limit of a pass", file: sweep, find: "while (ids.length < limit)", replace: "while (true)" },

  // Accepting
  {
    title: "announces at once what the API announces",
    file: schedule,
    find: "now + firstAnnounceAfterMs",
    replace: "now",
  },
  { title: "ignores notBefore", file: record, find: "known.notBefore ?? known", replace: "known" },
  {
    title: "does not compare the content",
    file: schedule,
    find: "present.contentHash === contentHash &&",
    replace: "",
  },
  { title: "does not compare the timeout", file: schedule, find: "present.timeout === timeout", replace: "true" },
  { title: "compares a timeout that nobody has given", file: schedule, find: "!request.timeoutGiven || ", replace: "" },
  {
    title: "does not compare notBefore",
    file: schedule,
    find: "present.notBefore === notBefore",
    replace: "true",
  },
  {
    title: "compares a notBefore that has passed",
    file: schedule,
    find: "request.notBefore > now ? request.notBefore : undefined",
    replace: "true ? request.notBefore : undefined",
  },
  {
    title: "schedules a done task again",
    file: schedule,
    find: "record ?? shard.tombstones.find(task.id, now)",
    replace: "record",
  },
  { title: "accepts a timeout that has come", file: schedule, find: "timeout <= now", replace: "false" },
  {
    title: "accepts a timeout that is too far ahead",
    file: schedule,
    find: "timeout > now + request.maxTimeoutMs",
    replace: "false",
  },
  {
    title: "rewrites the body",
    file: schedule,
    find: "{ id, scheduler, body, contentHash,",
    replace: "{ id, scheduler, body: JSON.stringify(JSON.parse(body)), contentHash,",
  },
  {
    title: "loses the trace",
    file: record,
    find: "scheduledAt, attempt, traceparent })",
    replace: "scheduledAt, attempt })",
  },

  // Looking
  {
    title: "lists the oldest first",
    file: list,
    find: "b.scheduledAt - a.scheduledAt",
    replace: "a.scheduledAt - b.scheduledAt",
  },
  {
    title: "lists the last of a page again",
    file: list,
    find: "compareByAge(record, after) > 0",
    replace: "compareByAge(record, after) >= 0",
  },
  { title: "lists every state", file: list, find: "state === request.state", replace: "true" },
  {
    title: "takes any cursor",
    file: list,
    find: "    throw new StoreError(",
    replace: "    return { scheduledAt: 0, id: '' };\n    throw new StoreError(",
  },
  {
    title: "counts aborting tasks as waiting",
    file: store,
    find: 'record.state === "scheduled" ? "scheduled" : "running"',
    replace: 'record.state === "running" ? "running" : "scheduled"',
  },
  {
    title: "tells the last event again",
    file: "in-memory/event-log.ts",
    find: "isKept ? Number(after) : this.#start",
    replace: "isKept ? Math.max(this.#start, Number(after) - 1) : this.#start",
  },
  {
    title: "gives its own tombstone away",
    file: store,
    find: "structuredClone(shard.tombstones.find(id, shard.now())?.view)",
    replace: "shard.tombstones.find(id, shard.now())?.view",
  },

  // Schedulers
  {
    title: "removes a scheduler that has tasks",
    file: store,
    find: "scheduled + running + instances.length > 0",
    replace: "instances.length > 0",
  },
  {
    title: "removes a scheduler that has instances",
    file: store,
    find: "scheduled + running + instances.length > 0",
    replace: "scheduled + running > 0",
  },
  { title: "replaces a whole registration", file: registry, find: "...entry.registration, ", replace: "" },
  { title: "keeps instances for ever", file: registry, find: "livesUntil <= now", replace: "false" },
  { title: "works when it is closed", file: store, find: "if (this.#isClosed) throw", replace: "if (false) throw" },
];
