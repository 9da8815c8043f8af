import type { Mutant } from "./mutant.ts";

const claim = "in-memory/claim.ts";
const recover = "in-memory/recover.ts";
const shard = "in-memory/shard.ts";
const steps = "in-memory/owner-steps.ts";
const log = "in-memory/task-log.ts";
const reader = "in-memory/read-log.ts";
const tombstones = "in-memory/tombstones.ts";
const run = "in-memory/current-run.ts";

/** Bugs in what the store does about the logs of tasks, and about work that not everyone reaches. */
export const logMutants: readonly Mutant[] = [
  // Scopes
  {
    title: "grants work to one who does not reach it",
    file: claim,
    find: "scopes === undefined || scopes.includes(scope)",
    replace: "true",
  },
  {
    title: "lets nobody have work who names no scopes",
    file: claim,
    find: "scopes === undefined || scopes.includes(scope)",
    replace: "scopes?.includes(scope) === true",
  },
  {
    title: "takes hosts of other kinds for the same",
    file: "owner.ts",
    find: "`${runtime}:${scope}`",
    replace: "scope",
  },
  {
    title: "never takes a scope for abandoned",
    file: claim,
    find: " && !request.abandonedScopes?.includes(scope)",
    replace: "",
  },
  {
    title: "takes every scope for abandoned",
    file: claim,
    find: "!request.abandonedScopes?.includes(scope)",
    replace: "false",
  },
  { title: "keeps a handle that nobody reaches", file: recover, find: "  record.handle = undefined;\n", replace: "" },
  { title: "gives work that starts anew its old name", file: recover, find: "  record.run++;\n", replace: "" },
  {
    title: "counts a failure of work that outlives its owner",
    file: recover,
    find: "record.handle?.scope === undefined && ",
    replace: "",
  },
  {
    title: "takes all work for such that outlives its owner",
    file: recover,
    find: "record.handle?.scope === undefined",
    replace: "record.handle === undefined",
  },
  {
    title: "abandons work for no failure",
    file: recover,
    find: "!record.releasedByOwner && countFailure(record)",
    replace: "false",
  },
  {
    title: "counts a failure of work that was handed over",
    file: recover,
    find: "!record.releasedByOwner && ",
    replace: "",
  },
  {
    title: "begins work anew that has been abandoned too often",
    file: recover,
    find: '    return "exhausted";\n',
    replace: "",
  },
  {
    title: "answers exhausted and leaves the task waiting",
    file: recover,
    find: '    shard.end(record, { outcome: "aborted", reason: lost(record) }, { byOwner: false });\n    return',
    replace: "    return",
  },
  {
    title: "announces nothing that is elsewhere",
    file: claim,
    find: "    shard.putOff(record, elsewhereMs);\n",
    replace: "",
  },
  {
    title: "is due at once when its work is elsewhere",
    file: shard,
    find: "    record.dueAt = this.now() + delayMs;\n",
    replace: "",
  },

  // Logs
  {
    title: "lets everyone write into a log",
    file: steps,
    find: 'if (proof.is !== "owner") return refusal(proof);\n  const { record } = proof;\n  if (!shard.logOf',
    replace: 'if (proof.is !== "owner") return "ok";\n  const { record } = proof;\n  if (!shard.logOf',
  },
  {
    title: "never says that a log is full",
    file: steps,
    find: '.append(text)) return "full"',
    replace: '.append(text)) return "ok"',
  },
  { title: "keeps logs of any length", file: log, find: "bytes.length <= room", replace: "true" },
  { title: "cuts a log that is just full", file: log, find: "bytes.length <= room", replace: "bytes.length < room" },
  { title: "marks each line that comes too late", file: log, find: "this.#size > maxLogBytes", replace: "false" },
  { title: "cuts a log silently", file: log, find: "    this.#add(Buffer.from(logCutMark));\n", replace: "" },
  { title: "cuts a log within a character", file: log, find: "wholeCharacters(bytes, room)", replace: "room" },
  {
    title: "cuts a page within a character",
    file: log,
    find: "wholeCharacters(bytes, Math.min(bytes.length, start + Math.max(4, limitBytes)))",
    replace: "Math.min(bytes.length, start + Math.max(4, limitBytes))",
  },
  { title: "never gets over a long character", file: log, find: "Math.max(4, limitBytes)", replace: "limitBytes" },
  {
    title: "begins a page within a character",
    file: log,
    find: "isContinuation(bytes, start)) start++",
    replace: "false) start++",
  },
  { title: "keeps logs for ever", file: tombstones, find: "      this.#onForgotten?.(id);\n", replace: "" },
  {
    title: "drops the log of a done task",
    file: reader,
    find: "shard.logs.get(id)?.read",
    replace: "(isAlive ? shard.logs.get(id) : undefined)?.read",
  },
  { title: "says that a log has ended before its end", file: reader, find: "!isAlive && isRead", replace: "!isAlive" },
  { title: "says that the log of a live task has ended", file: reader, find: "!isAlive && isRead", replace: "isRead" },
  {
    title: "knows every task",
    file: reader,
    find: "isAlive || shard.tombstones.find(id, shard.now()) !== undefined",
    replace: "true",
  },
  {
    title: "knows only live tasks",
    file: reader,
    find: "isAlive || shard.tombstones.find(id, shard.now()) !== undefined",
    replace: "isAlive",
  },

  // Until when a log has what work says
  {
    title: "does not tell until when a log has what work says",
    file: claim,
    find: "    loggedAt: record.handle && record.loggedAt,\n",
    replace: "",
  },
  {
    title: "tells until when a log had what work said that is over",
    file: claim,
    find: "record.handle && record.loggedAt",
    replace: "record.loggedAt",
  },
  {
    title: "takes the time of earlier work for that of new work",
    file: steps,
    find: "  proof.record.loggedAt = undefined;\n",
    replace: "",
  },
  {
    title: "forgets until when a log has what work says when the next line does not say it",
    file: steps,
    find: "saidAt ?? record.loggedAt",
    replace: "saidAt",
  },
  {
    title: "counts what a full log has not taken",
    file: steps,
    find: "  if (!shard.logOf",
    replace: "  record.loggedAt = saidAt ?? record.loggedAt;\n  if (!shard.logOf",
  },

  // The run that counts
  { title: "knows of no work where it is", file: run, find: "structuredClone(record.handle)", replace: "undefined" },
  { title: "takes every run for the first", file: run, find: "run: record.run", replace: "run: 1" },
  {
    title: "takes a lost task for gone",
    file: run,
    find: " || shard.keepsEverything()",
    replace: " || !shard.keepsEverything()",
  },
  {
    title: "does not know that a task is done",
    file: run,
    find: "shard.tombstones.find(id, shard.now()) !== undefined || ",
    replace: "",
  },
  {
    title: "forgets where work is whose owner has vanished",
    file: "in-memory/recover.ts",
    find: "shard.requeue(record",
    replace: "record.handle = undefined;\n  shard.requeue(record",
  },
];
