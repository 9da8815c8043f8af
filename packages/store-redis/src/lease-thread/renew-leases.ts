import type { MessagePort } from "node:worker_threads";
import { errorMessage, type Logger, systemClock } from "@mayfly/service";
import { HeartbeatLeaseKeeper, StoreError, type TaskStore } from "@mayfly/store";
import { RedisStore } from "../redis-store.ts";
import type { LeaseNews, LeaseOrder } from "./lease-message.ts";
import type { LeaseThreadData } from "./lease-thread.ts";
import { fromSharedMs, toSharedMs } from "./shared-time.ts";

type Tell = (news: LeaseNews) => void;

/**
 * Renews leases as it is told through `port`, with connections of its own, until it is told to close or can never
 * connect. Resolves when it has ended and nothing is left open. What it is told before it has connected waits.
 */
export async function renewLeases(port: MessagePort, data: LeaseThreadData): Promise<void> {
  const { instance, leaseMs, aliveMs } = data;
  const closing = new AbortController();
  const tell: Tell = (news) => port.postMessage(news);
  let leases: HeartbeatLeaseKeeper | undefined;
  const early: LeaseOrder[] = [];
  const closed = new Promise<void>((resolve) => {
    port.on("message", (order: LeaseOrder) => {
      if (order.type === "close") resolve();
      else if (leases === undefined) early.push(order);
      else carryOut(order, leases);
    });
  });
  void tellAlive(tell, aliveMs, closing.signal);
  const logger = portLogger(tell, () => leases !== undefined);
  const store = new RedisStore({ ...data.store, logger });
  try {
    const isOpen = await Promise.race([store.open().then(() => true), closed.then(() => false)]);
    if (!isOpen) return;
    leases = new HeartbeatLeaseKeeper({
      store: tellingStore(store, tell),
      logger,
      instance,
      leaseMs,
      onSignal: (owner, signal) => tell({ type: "signal", owner, signal }),
    });
    for (const order of early.splice(0)) carryOut(order, leases);
    tell({ type: "ready" });
    await closed;
  } catch (error) {
    const code = StoreError.is(error) ? error.code : "unavailable";
    tell({ type: "failed", code, message: errorMessage(error) });
  } finally {
    closing.abort();
    await Promise.all([leases?.close(), store.close()]);
    port.close();
  }
}

function carryOut(order: LeaseOrder, leases: HeartbeatLeaseKeeper): void {
  switch (order.type) {
    case "add":
    case "renewed":
      leases[order.type](order.owner, fromSharedMs(systemClock, order.atMs));
      break;
    case "remove":
      leases.remove(order.owner);
      break;
    case "close":
      break;
  }
}

async function tellAlive(tell: Tell, everyMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    tell({ type: "alive" });
    await systemClock.sleep(everyMs, { signal });
  }
}

/** The store, which tells of each lease that it has renewed before anybody else hears of it. */
function tellingStore(
  store: Pick<TaskStore, "heartbeat" | "watchStops">,
  tell: Tell,
): Pick<TaskStore, "heartbeat" | "watchStops"> {
  return {
    async heartbeat(owners) {
      const atMs = toSharedMs(systemClock, systemClock.monotonicMs());
      const answers = await store.heartbeat(owners);
      const renewed = owners.filter((_owner, index) => {
        const answer = answers[index]?.answer;
        return answer === "ok" || answer === "stop";
      });
      if (renewed.length > 0) tell({ type: "renewed", tokens: renewed.map(({ token }) => token), atMs });
      return answers;
    },
    watchStops: (instance, listener) => store.watchStops(instance, listener),
  };
}

/** What it says until it is connected, the store of the main thread says as well: that is for those who look closely. */
function portLogger(tell: Tell, isReady: () => boolean): Logger {
  const at =
    (level: keyof Logger) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void =>
      tell({ type: "log", level: isReady() ? level : "debug", fields, message });
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
