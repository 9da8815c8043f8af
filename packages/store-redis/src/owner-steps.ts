import {
  type ClaimAnswer,
  type ClaimRequest,
  type End,
  type EndAnswer,
  type HeartbeatAnswer,
  type LogAnswer,
  logCutMark,
  type LogPage,
  type LogRequest,
  maxLogBytes,
  type Owner,
  type OwnerAnswer,
  type OwnerCopy,
  type ReleaseAnswer,
  type ReleaseRequest,
  type RestoreAnswer,
  type StoredHandle,
} from "@mayfly/store";
import type { Task } from "@mayfly/task";
import { field, jsonField, lifetime } from "./field.ts";
import { readHandle } from "./read-handle.ts";
import { fullAsUnavailable } from "./redis-failure.ts";
import {
  appendLog,
  attachHandle,
  claimTask,
  finishTask,
  readLog,
  recreateTask,
  releaseTask,
  renewLeases,
  reportProgress,
  restoreTask,
} from "./scripts.generated.ts";
import type { ScriptAnswer, ShardScripts } from "./shard-scripts.ts";
import { viewOfTombstone } from "./task-record.ts";

/** How long the tombstone is kept of a task that has timed out while its record, which says it, was lost. */
const lostRetentionMs = 3_600_000;

/** What is done for whoever runs a task: the methods of TaskStore by the same names. */
export class OwnerSteps {
  readonly #scripts: ShardScripts;

  constructor(scripts: ShardScripts) {
    this.#scripts = scripts;
  }

  async claim(request: ClaimRequest): Promise<ClaimAnswer> {
    const { announcement, recreate } = request;
    const { id, body, scheduledAt, attempt, traceparent } = announcement;
    const call = this.#scripts.runInTime(
      this.#scripts.shardOf(id),
      recreate === undefined ? claimTask : recreateTask,
      (deadline) => [
        id,
        deadline,
        field(request.token),
        field(request.instance),
        request.leaseMs,
        request.maxAttempts,
        request.contentHash,
        request.timeout,
        announcement.scheduler,
        scheduledAt,
        attempt,
        field(announcement.token),
        field(traceparent),
        lifetime(recreate?.retentionMs ?? lostRetentionMs),
        request.scopes === undefined ? "" : lines(request.scopes),
        lines(request.abandonedScopes ?? []),
        ...(recreate === undefined ? [] : [body]),
      ],
    );
    const answer = await fullAsUnavailable(call);
    if (answer[0] === "granted") return granted(answer);
    if (answer[0] === "elsewhere") return { answer: "elsewhere", dueInMs: Number(answer[1]), scope: String(answer[2]) };
    if (answer[0] === "early") return { answer: "early", dueInMs: Number(answer[1]) };
    return { answer: answer[0] as "held" | "gone" | "expired" | "exhausted" | "aborting" | "lost" };
  }

  async attach(owner: Owner, handle: StoredHandle): Promise<OwnerAnswer> {
    return (await this.#run(owner, attachHandle, [jsonField(handle)]))[0] as OwnerAnswer;
  }

  async heartbeat(owners: readonly Owner[]): Promise<readonly HeartbeatAnswer[]> {
    const answers = new Map<Owner, HeartbeatAnswer>();
    const byShard = new Map<number, Owner[]>();
    for (const owner of owners) {
      const shard = this.#scripts.shardOf(owner.id);
      byShard.set(shard, [...(byShard.get(shard) ?? []), owner]);
    }
    await Promise.all(
      [...byShard].map(async ([shard, group]) => {
        const proofs = group.flatMap(({ id, attempt, token, scheduledAt }) => [id, attempt, token, scheduledAt]);
        const answer = await this.#scripts.runInTime(shard, renewLeases, (deadline) => [deadline, ...proofs]);
        for (const [index, owner] of group.entries()) answers.set(owner, heartbeatAnswer(answer, index));
      }),
    );
    return owners.map((owner) => answers.get(owner) ?? { answer: "gone" });
  }

  async progress(owner: Owner, value: string): Promise<OwnerAnswer> {
    // Line breaks between the members of JSON mean nothing; inside a string they cannot be.
    return (await this.#run(owner, reportProgress, [value.replaceAll("\n", " ")]))[0] as OwnerAnswer;
  }

  async appendLog(owner: Owner, text: string, saidAt?: number): Promise<LogAnswer> {
    const args = [text, maxLogBytes, logCutMark, saidAt === undefined ? "" : Math.trunc(saidAt)];
    return (await this.#run(owner, appendLog, args))[0] as LogAnswer;
  }

  async readLog(id: string, { from, limitBytes }: LogRequest): Promise<LogPage> {
    const answer = await this.#scripts.run(this.#scripts.shardOf(id), readLog, [id, from, limitBytes]);
    const [state, text, next, isRead] = answer;
    return {
      text: String(text),
      next: Number(next),
      isEnded: state !== "live" && isRead === "1",
      isKnown: state !== "unknown",
    };
  }

  async release(owner: Owner, request: ReleaseRequest): Promise<ReleaseAnswer> {
    const reason = request.cause === "retry" ? request.reason : undefined;
    const [name, tombstone] = await this.#run(owner, releaseTask, [request.cause, request.delayMs, jsonField(reason)]);
    if (name === "ended") return { answer: "ended", view: viewOfTombstone(owner.id, String(tombstone)) };
    return { answer: name as "released" | "stale" | "gone" | "lost" };
  }

  async finish(owner: Owner, end: End): Promise<EndAnswer> {
    const args =
      end.outcome === "complete"
        ? [end.outcome, jsonField(end.result), end.resultDropped === true ? "1" : "", ""]
        : [end.outcome, "", "", jsonField(end.reason)];
    const [name, tombstone] = await this.#run(owner, finishTask, args);
    if (name === "ended") return { answer: "ended", view: viewOfTombstone(owner.id, String(tombstone)) };
    return { answer: name as "stale" | "gone" | "lost" };
  }

  async restore(copy: OwnerCopy): Promise<RestoreAnswer> {
    const { id, attempt, token, scheduledAt } = copy.owner;
    const call = this.#scripts.runInTime(this.#scripts.shardOf(id), restoreTask, (deadline) => [
      id,
      attempt,
      field(token),
      scheduledAt,
      deadline,
      copy.body,
      copy.contentHash,
      copy.timeout,
      copy.scheduler,
      field(copy.traceparent),
      field(copy.instance),
      copy.leaseMs,
      copy.maxAttempts,
      copy.run,
      copy.failures,
      lifetime(copy.retentionMs),
      Math.round(copy.runningForMs),
      jsonField(copy.handle),
    ]);
    const [name, remainingMs] = await fullAsUnavailable(call);
    if (name === "ok" || name === "stop") return { answer: name, remainingMs: Number(remainingMs) };
    return { answer: name as "stale" | "gone" };
  }

  #run(
    owner: Owner,
    script: Parameters<ShardScripts["run"]>[1],
    args: readonly (string | number)[],
  ): Promise<ScriptAnswer> {
    const { id, attempt, token, scheduledAt } = owner;
    return this.#scripts.run(this.#scripts.shardOf(id), script, [id, attempt, token, scheduledAt, ...args]);
  }
}

/** Each on a line of its own, with a line break at the beginning and the end. */
function lines(values: readonly string[]): string {
  return `\n${values.map((value) => `${field(value)}\n`).join("")}`;
}

function granted([, attempt, run, failures, remainingMs, retentionMs, handle, body]: ScriptAnswer): ClaimAnswer {
  return {
    answer: "granted",
    attempt: Number(attempt),
    run: Number(run),
    failures: Number(failures),
    remainingMs: Number(remainingMs),
    retentionMs: Number(retentionMs),
    ...readHandle(String(handle)),
    ...(body !== "" && { task: JSON.parse(String(body)) as Task }),
  };
}

function heartbeatAnswer(answer: ScriptAnswer, index: number): HeartbeatAnswer {
  const name = answer[2 * index];
  if (name === "ok" || name === "stop") return { answer: name, remainingMs: Number(answer[2 * index + 1]) };
  return { answer: name as "stale" | "gone" | "lost" };
}
