import type { StoreCall, StoreStep } from "./store-server.ts";
import type { Trace } from "./trace.ts";

/** The steps whose calls are no news unless they make events. */
const quiet: ReadonlySet<StoreStep> = new Set<StoreStep>([
  "beat",
  "find",
  "currentRun",
  "findRegistration",
  "list",
  "count",
  "instances",
  "schedulers",
  "expire",
  "recover",
  "events",
  "ping",
  "register",
  "leave",
]);

/** Tells a call in the trace: a line for each task that it is about. */
export function traceCall(trace: Trace, call: StoreCall, atMs: number): void {
  const who = call.by?.name ?? "checker";
  const told = new Set<string>();
  for (const [id, what] of about(trace, call)) {
    told.add(id);
    trace.add(atMs, who, what, id);
  }
  for (const event of call.events) {
    if (!told.has(event.id) && quiet.has(call.name)) trace.add(atMs, who, call.name, event.id);
    const attempt = event.attempt === undefined ? "" : ` attempt ${event.attempt}`;
    const reason = event.reason === undefined ? "" : ` ${event.reason.code}`;
    trace.add(atMs, "store", `  event ${event.op}${attempt}${reason}`, event.id);
  }
}

function about(trace: Trace, call: StoreCall): readonly (readonly [id: string, what: string])[] {
  const owner = ({ attempt, token }: { attempt: number; token: string }): string => `${attempt} ${trace.nameOf(token)}`;
  switch (call.name) {
    case "schedule": {
      const { task } = call.given[0];
      const announced = call.answer.answer === "scheduled" ? ` ${trace.nameOf(call.answer.announcement.token)}` : "";
      return [[task.id, `schedule → ${call.answer.answer}${announced}`]];
    }
    case "announced":
      return [[call.given[0], `announced ${trace.nameOf(call.given[1])}`]];
    case "abort":
      return [[call.given[0], `abort → ${call.answer.answer}`]];
    case "claim": {
      const { announcement, token, recreate } = call.given[0];
      const attempt = call.answer.answer === "granted" ? ` ${call.answer.attempt}` : "";
      const again = recreate === undefined ? "" : " recreate";
      return [[announcement.id, `claim ${trace.nameOf(token)}${again} → ${call.answer.answer}${attempt}`]];
    }
    case "attach":
    case "appendLog":
    case "progress":
      return [[call.given[0].id, `${call.name} ${owner(call.given[0])} → ${call.answer}`]];
    case "release":
      return [[call.given[0].id, `release ${owner(call.given[0])} ${call.given[1].cause} → ${call.answer.answer}`]];
    case "finish":
      return [[call.given[0].id, `finish ${owner(call.given[0])} ${call.given[1].outcome} → ${call.answer.answer}`]];
    case "restore":
      return [[call.given[0].owner.id, `restore ${owner(call.given[0].owner)} → ${call.answer.answer}`]];
    case "heartbeat":
      return call.given[0].map((each, index) => [each.id, `heartbeat ${owner(each)} → ${call.answer[index]?.answer}`]);
    case "due":
      return call.answer.announcements.map(({ id, token }) => [id, `due → ${trace.nameOf(token)}`]);
    case "reannounce":
      return [[call.given[0], `reannounce ${trace.nameOf(call.given[1])} → ${call.answer}`]];
    case "undelivered":
      return [[call.given[0].id, `undelivered ${trace.nameOf(call.given[0].token)} → ${call.answer.answer}`]];
    case "find":
    case "currentRun":
    case "readLog":
    case "list":
    case "count":
    case "expire":
    case "recover":
    case "stalled":
    case "register":
    case "findRegistration":
    case "schedulers":
    case "deregister":
    case "beat":
    case "leave":
    case "instances":
    case "events":
    case "ping":
      return [];
  }
}
