import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { errorMessage } from "@mayfly/service";
import type { RedisStoreOptions } from "../redis-store-options.ts";
import type { LeaseNews, LeaseOrder } from "./lease-message.ts";
import { findThreadFile } from "./thread-file.ts";

/** What the thread is given at its start. */
export interface LeaseThreadData {
  /** How to reach Redis, without what cannot be handed to a thread. */
  readonly store: Omit<RedisStoreOptions, "clock" | "logger">;
  /** The id of the instance that owns the leases, and how long they last, in milliseconds. */
  readonly instance: string;
  readonly leaseMs: number;
  /** How often it tells that it is alive, in milliseconds. */
  readonly aliveMs: number;
}

/** Who hears a thread. */
export interface LeaseThreadListener {
  onNews(news: LeaseNews): void;
  /** It has ended; called once, after the last news. `cause` says why, when it did not end by itself. */
  onEnd(cause: string | undefined): void;
}

/** A thread that renews leases. */
export interface LeaseThread {
  /** Hands it an order; one that has ended takes none. */
  tell(order: LeaseOrder): void;
  /** Delivers all news that have come, also when the event loop has not got round to them. */
  hear(): void;
  /** Ends it at once. */
  terminate(): void;
  /** Keeps the process alive until it has ended: for the time of an orderly end. */
  hold(): void;
}

/** Starts a thread. */
export type StartLeaseThread = (listener: LeaseThreadListener) => LeaseThread;

/**
 * Starts a thread of this process; it does not keep the process alive.
 *
 * @throws Error when the file that it runs is missing
 */
export function startLeaseThread(data: LeaseThreadData, listener: LeaseThreadListener): LeaseThread {
  const { file, isBuilt } = findThreadFile();
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(file, {
    name: "mayfly leases",
    workerData: { ...data, port: port2 },
    transferList: [port2],
    // It makes little garbage: with room for more, its memory would grow by tens of megabytes before any is collected.
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
    ...((isBuilt || isProgramText()) && { execArgv: [] }),
  });
  worker.unref();
  port1.on("message", (news: LeaseNews) => listener.onNews(news));
  port1.unref();
  let cause: string | undefined;
  worker.on("error", (error: unknown) => {
    cause = errorMessage(error);
  });
  worker.on("exit", (code) => {
    drain(port1, listener);
    port1.close();
    listener.onEnd(cause ?? (code === 0 ? undefined : `It ended with code ${code}.`));
  });
  return {
    tell: (order) => port1.postMessage(order),
    hear: () => drain(port1, listener),
    terminate: () => void worker.terminate(),
    hold: () => worker.ref(),
  };
}

function drain(port: MessagePort, listener: LeaseThreadListener): void {
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
    listener.onNews(next.message as LeaseNews);
  }
}

/**
 * A program that came as text (`--eval`) says so in its arguments, and a thread, which is a file, would refuse that. All
 * others are inherited as they are: a list of them would be refused if it held any option of V8.
 */
function isProgramText(): boolean {
  return process.execArgv.some((argument) => argument.startsWith("--input-type"));
}
