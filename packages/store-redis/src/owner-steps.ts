import type {
  ClaimAnswer,
  ClaimRequest,
  End,
  EndAnswer,
  HeartbeatAnswer,
  Owner,
  OwnerAnswer,
  ReleaseAnswer,
  ReleaseRequest,
  StoredHandle,
} from "@mayfly/store";
import type { Task } from "@mayfly/task";
import { field, jsonField } from "./field.ts";
import { attachHandle, claimTask, finishTask, releaseTask, renewLeases, reportProgress } from "./scripts.generated.ts";
import type { ScriptAnswer, ShardScripts } from "./shard-scripts.ts";
import { viewOfTombstone } from "./task-record.ts";

/** What is done for whoever runs a task: the methods of TaskStore by the same names. */
export class OwnerSteps {
  readonly #scripts: ShardScripts;

  constructor(scripts: ShardScripts) {
    this.#scripts = scripts;
  }

  async claim(request: ClaimRequest): Promise<ClaimAnswer> {
    const { id } = request.announcement;
    const answer = await this.#scripts.runInTime(this.#scripts.shardOf(id), claimTask, (deadline) => [
      id,
      deadline,
      field(request.token),
      field(request.instance),
      request.leaseMs,
      request.maxAttempts,
      request.contentHash,
      request.timeout,
    ]);
    if (answer[0] === "granted") return granted(answer);
    if (answer[0] === "early") return { answer: "early", dueInMs: Number(answer[1]) };
    return { answer: answer[0] as "held" | "gone" | "expired" | "exhausted" | "aborting" };
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
        const proofs = group.flatMap(({ id, attempt, token }) => [id, attempt, token]);
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

  async release(owner: Owner, request: ReleaseRequest): Promise<ReleaseAnswer> {
    const reason = request.cause === "retry" ? request.reason : undefined;
    const [name, tombstone] = await this.#run(owner, releaseTask, [request.cause, request.delayMs, jsonField(reason)]);
    if (name === "ended") return { answer: "ended", view: viewOfTombstone(owner.id, String(tombstone)) };
    return { answer: name as "released" | "stale" | "gone" };
  }

  async finish(owner: Owner, end: End): Promise<EndAnswer> {
    const args =
      end.outcome === "complete"
        ? [end.outcome, jsonField(end.result), end.resultDropped === true ? "1" : "", ""]
        : [end.outcome, "", "", jsonField(end.reason)];
    const [name, tombstone] = await this.#run(owner, finishTask, args);
    if (name === "ended") return { answer: "ended", view: viewOfTombstone(owner.id, String(tombstone)) };
    return { answer: name as "stale" | "gone" };
  }

  #run(
    owner: Owner,
    script: Parameters<ShardScripts["run"]>[1],
    args: readonly (string | number)[],
  ): Promise<ScriptAnswer> {
    const { id, attempt, token } = owner;
    return this.#scripts.run(this.#scripts.shardOf(id), script, [id, attempt, token, ...args]);
  }
}

function granted([, attempt, run, failures, remainingMs, handle, body]: ScriptAnswer): ClaimAnswer {
  return {
    answer: "granted",
    attempt: Number(attempt),
    run: Number(run),
    failures: Number(failures),
    remainingMs: Number(remainingMs),
    ...(handle !== "" && { handle: JSON.parse(String(handle)) as StoredHandle }),
    ...(body !== "" && { task: JSON.parse(String(body)) as Task }),
  };
}

function heartbeatAnswer(answer: ScriptAnswer, index: number): HeartbeatAnswer {
  const name = answer[2 * index];
  if (name === "ok" || name === "stop") return { answer: name, remainingMs: Number(answer[2 * index + 1]) };
  return { answer: name as "stale" | "gone" };
}
