import type { LogAnswer } from "../log.ts";
import type {
  End,
  EndAnswer,
  HeartbeatAnswer,
  Owner,
  OwnerAnswer,
  ReleaseAnswer,
  ReleaseRequest,
  StoredHandle,
} from "../owner.ts";
import { isPastTimeout } from "./ending.ts";
import { proveOwner, refusal } from "./prove-owner.ts";
import type { Shard } from "./shard.ts";

/** {@link TaskStore.attach} on the task's shard. */
export function attach(shard: Shard, owner: Owner, handle: StoredHandle): OwnerAnswer {
  const proof = proveOwner(shard, owner);
  if (proof.is !== "owner") return refusal(proof);
  proof.record.handle = structuredClone(handle);
  proof.record.loggedAt = undefined;
  return "ok";
}

/** One task's part of {@link TaskStore.heartbeat}. */
export function heartbeat(shard: Shard, owner: Owner): HeartbeatAnswer {
  const proof = proveOwner(shard, owner);
  if (proof.is !== "owner") return { answer: refusal(proof) };
  shard.renew(proof.record);
  const remainingMs = Math.max(0, proof.record.timeout - shard.now());
  return { answer: proof.record.state === "aborting" ? "stop" : "ok", remainingMs };
}

/** {@link TaskStore.progress} on the task's shard. */
export function progress(shard: Shard, owner: Owner, value: string): OwnerAnswer {
  const proof = proveOwner(shard, owner);
  if (proof.is !== "owner") return refusal(proof);
  shard.report(proof.record, value);
  return "ok";
}

/** {@link TaskStore.appendLog} on the task's shard. */
export function appendLog(
  shard: Shard,
  owner: Owner,
  { text, saidAt }: { readonly text: string; readonly saidAt: number | undefined },
): LogAnswer {
  const proof = proveOwner(shard, owner);
  if (proof.is !== "owner") return refusal(proof);
  const { record } = proof;
  if (!shard.logOf(record).append(text)) return "full";
  record.loggedAt = saidAt ?? record.loggedAt;
  return "ok";
}

/** {@link TaskStore.release} on the task's shard. */
export function release(shard: Shard, owner: Owner, request: ReleaseRequest): ReleaseAnswer {
  const proof = proveOwner(shard, owner);
  if (proof.is === "released") return { answer: "released" };
  if (proof.is === "ended") return { answer: "ended", view: proof.view };
  if (proof.is !== "owner") return { answer: proof.is };
  const { record } = proof;

  if (request.cause === "retry") record.failures++;
  const isUsedUp = request.cause === "retry" && record.failures >= (record.claim?.maxAttempts ?? 0);
  if (isUsedUp || record.state === "aborting" || isPastTimeout(record, shard.now())) {
    const reason = request.cause === "retry" ? request.reason : ({ code: "requested" } as const);
    return { answer: "ended", view: shard.end(record, { outcome: "aborted", reason }, { byOwner: true }) };
  }
  if (request.cause !== "hand_over") {
    record.run++;
    record.handle = undefined;
  }
  shard.requeue(record, { delayMs: request.delayMs, byOwner: true });
  return { answer: "released" };
}

/** {@link TaskStore.finish} on the task's shard. */
export function finish(shard: Shard, owner: Owner, end: End): EndAnswer {
  const proof = proveOwner(shard, owner);
  if (proof.is === "ended") return { answer: "ended", view: proof.view };
  if (proof.is !== "owner") return { answer: refusal(proof) };
  return { answer: "ended", view: shard.end(proof.record, structuredClone(end), { byOwner: true }) };
}
