import type { ServerResponse } from "node:http";
import type { ContainerLog, LogPiece } from "../kubelet/container-log.ts";
import { StatusError } from "../status-error.ts";
import type { Pod } from "../store/api-object.ts";

/** The container whose log a request wants. @throws `BadRequest` when there is none such, or no log yet. */
export function containerOf(pod: Pod, query: URLSearchParams): string {
  const { name } = pod.metadata;
  const [first, ...others] = pod.spec.containers;
  const wanted = query.get("container");
  if (wanted === null && others.length > 0)
    throw StatusError.badRequest(`a container name must be specified for pod ${name}, choose one of the containers`);
  const container = wanted ?? first?.name ?? "";
  if (!pod.spec.containers.some((one) => one.name === container))
    throw StatusError.badRequest(`container ${container} is not valid for pod ${name}`);
  if (pod.spec.nodeName === undefined) throw StatusError.badRequest(`pod ${name} does not have a host assigned`);
  const state = pod.status.containerStatuses?.find((status) => status.name === container)?.state;
  if (state?.running ?? state?.terminated) return container;
  const reason = state?.waiting?.reason ?? "ContainerCreating";
  const why = /Pull/.test(reason) ? "trying and failing to pull image" : reason;
  throw StatusError.badRequest(`container "${container}" in pod "${name}" is waiting to start: ${why}`);
}

/**
 * Sends a log as text, with the options of `pods/log`: `follow`, `tailLines`, `sinceSeconds`, `sinceTime`, `timestamps`,
 * `limitBytes`. Resolves when it has been sent or the reader has gone.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod
 */
export async function sendLog(
  log: ContainerLog,
  query: URLSearchParams,
  response: ServerResponse,
  nowMs: number,
): Promise<void> {
  response.writeHead(200, { "content-type": "text/plain" });
  response.flushHeaders();
  const sinceMs = sinceOf(query, nowMs);
  const format = formatter(query);
  let left = query.has("limitBytes") ? Number(query.get("limitBytes")) : Number.POSITIVE_INFINITY;
  let next = 0;
  let pieces = tailOf(log.from(next), query);
  for (;;) {
    next = log.end;
    for (const piece of pieces.filter(({ atMs }) => atMs >= sinceMs)) {
      const bytes = format(piece).subarray(0, left);
      left -= bytes.length;
      if (!response.write(bytes)) await either(response, "drain");
    }
    const isAllSent = next === log.end && (log.isEnded || query.get("follow") !== "true");
    if (left === 0 || isAllSent || response.destroyed) break;
    if (next === log.end) await either(response, "more", log);
    pieces = log.from(next);
  }
  response.end();
}

/** Puts the time before each line if that is wanted; a piece may go on with the line of the one before. */
function formatter(query: URLSearchParams): (piece: LogPiece) => Buffer {
  if (query.get("timestamps") !== "true") return ({ bytes }) => bytes;
  let isNewLine = true;
  return ({ atMs, bytes }) => {
    const stamp = `${new Date(atMs).toISOString().slice(0, -1)}000000Z `;
    const lines = linesOf(bytes).map((line, index) => (index > 0 || isNewLine ? stamp + line : line));
    isNewLine = lines.at(-1)?.endsWith("\n") ?? true;
    return Buffer.from(lines.join(""), "latin1");
  };
}

/** Each with its end. A byte is a character, so that nothing is decoded that may be no text. */
function linesOf(bytes: Buffer): readonly string[] {
  return bytes.toString("latin1").match(/[^\n]*\n|[^\n]+/g) ?? [];
}

function tailOf(pieces: readonly LogPiece[], query: URLSearchParams): readonly LogPiece[] {
  const tail = query.get("tailLines");
  if (tail === null) return pieces;
  const lines = pieces.flatMap(({ atMs, bytes }) =>
    linesOf(bytes).map((line) => ({ atMs, bytes: Buffer.from(line, "latin1") })),
  );
  return lines.slice(Math.max(0, lines.length - Number(tail)));
}

function sinceOf(query: URLSearchParams, nowMs: number): number {
  const [seconds, time] = [query.get("sinceSeconds"), query.get("sinceTime")];
  if (seconds !== null) return nowMs - Number(seconds) * 1_000;
  // Only the seconds of the time reach the kubelet.
  return time === null ? 0 : Math.floor(Date.parse(time) / 1_000) * 1_000;
}

/** Resolves when the reader takes more, or when there is more to send, or when the reader has gone. */
async function either(response: ServerResponse, what: "drain" | "more", log?: ContainerLog): Promise<void> {
  await new Promise<void>((resolve) => {
    let unfollow = (): void => undefined;
    const go = (): void => {
      unfollow();
      response.off("close", go).off("drain", go);
      resolve();
    };
    if (response.destroyed) {
      resolve();
      return;
    }
    response.once("close", go);
    if (what === "drain") response.once("drain", go);
    else unfollow = log?.follow(go) ?? unfollow;
  });
}
