import { Socket } from "node:net";
import { QueueError } from "@mayfly/queue";
import { type Clock, errorMessage, fullJitterMs, type Logger } from "@mayfly/service";
import { type ChannelModel, connect, type SocketOptions } from "amqplib";
import { atMost } from "./at-most.ts";
import { closeQuietly } from "./close-quietly.ts";

/** What an {@link AmqpConnection} is made of. */
export interface AmqpConnectionOptions {
  /** The nodes of one cluster; the first attempt takes any of them, each further one the next. */
  readonly urls: readonly string[];
  /** What the broker's management calls it. */
  readonly name: string;
  /** Whether a broker that refuses the first connection is given up, or tried again like one that is away. */
  readonly isRefusalFinal: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Sets up what lives on the connection, each time anew; when it fails the connection is closed and tried again. */
  readonly onUp: (model: ChannelModel) => Promise<void>;
  /** The connection is gone, and all that lived on it. Also called when `onUp` failed. */
  readonly onDown: () => void;
}

const connectTimeoutMs = 5_000;
const heartbeatSeconds = 10;
/** Not longer: what waits is to be delivered within half a minute after the broker has come back. */
const reconnect = { baseMs: 100, maxMs: 5_000 };
/** So many refusals in a row are meant: neither credentials nor virtual hosts are mended by trying again. */
const finalRefusals = 3;
/** So long a refusal without a reason has to last: a broker that is just being stopped or started says the same. */
const finalAfterMs = 5_000;
/** How long a broker may take to answer that a connection is closed. */
const closePatienceMs = 2_000;

/**
 * One connection to the broker, made again whenever it is lost, with full jitter from 100 ms to 5 s.
 *
 * States: `connecting` → `up` → (lost) → `connecting`; `closed` from each of them, for good.
 */
export class AmqpConnection {
  readonly #options: AmqpConnectionOptions;
  readonly #closing = new AbortController();
  #model: ChannelModel | undefined;
  #opening: Promise<void> | undefined;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: AmqpConnectionOptions) {
    this.#options = options;
  }

  /**
   * Resolves when it was up for the first time. A second call gives the same promise.
   *
   * @throws QueueError `closed` or `refused`
   */
  open(): Promise<void> {
    this.#opening ??= new Promise((resolve, reject) => {
      if (this.#closing.signal.aborted) reject(closedError());
      else this.#loop = this.#keepUp(resolve, reject);
    });
    return this.#opening;
  }

  /** Disconnects for good. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort();
    const model = this.#model;
    if (model !== undefined) void closeQuietly(model);
    await atMost(this.#options.clock, closePatienceMs, this.#loop);
    if (this.#model === undefined) return;
    socketOf(this.#model)?.destroy(new Error("The broker did not answer to the close."));
    await this.#loop;
  }

  async #keepUp(onFirst: () => void, onEnd: (error: QueueError) => void): Promise<void> {
    const { urls, clock, logger, onDown, name: connection, isRefusalFinal } = this.#options;
    const { signal } = this.#closing;
    let wasUp = false;
    let failures = 0;
    let refusals = 0;
    let refusedSinceMs = 0;
    // Anywhere, so that not everybody asks the same node first.
    const first = Math.floor(Math.random() * urls.length);
    for (let attempt = first; !signal.aborted; attempt++) {
      try {
        await this.#connect(urls[attempt % urls.length] ?? "", () => {
          wasUp = true;
          failures = 0;
          onFirst();
        });
        if (!signal.aborted) logger.warn({ connection }, "connection to the broker lost");
      } catch (error) {
        const nowMs = clock.monotonicMs();
        refusals = isRefusal(error) ? refusals + 1 : 0;
        if (refusals <= 1) refusedSinceMs = nowMs;
        const isMeant = refusals >= finalRefusals && (saysWhy(error) || nowMs - refusedSinceMs >= finalAfterMs);
        if (QueueError.is(error) || (isRefusalFinal && !wasUp && isMeant)) {
          onEnd(QueueError.is(error) ? error : refusedError(error));
          return;
        }
        logger.warn({ connection, error: errorMessage(error) }, "broker not reached, will be tried again");
      } finally {
        this.#model = undefined;
        onDown();
      }
      if (!signal.aborted) await clock.sleep(fullJitterMs(failures++, reconnect), { signal });
    }
    onEnd(closedError());
  }

  /** Connects; when this is closed meanwhile, at once no more. */
  async #reach(url: string): Promise<ChannelModel> {
    const { signal } = this.#closing;
    const connecting = new AbortController();
    const onClosing = (): void => connecting.abort();
    signal.addEventListener("abort", onClosing);
    const options: ConnectOptions = {
      timeout: connectTimeoutMs,
      noDelay: true,
      clientProperties: { connection_name: this.#options.name },
      signal: connecting.signal,
    };
    try {
      return await connect(withHeartbeat(url), options);
    } finally {
      signal.removeEventListener("abort", onClosing);
    }
  }

  /** Connects, and resolves when that connection is lost. */
  async #connect(url: string, onConnected: () => void): Promise<void> {
    const { name, logger, onUp } = this.#options;
    const model = await this.#reach(url);
    const lost = new Promise<void>((resolve) => {
      model.once("close", () => {
        // A peer that has stopped answering closes nothing: the socket would stay.
        socketOf(model)?.destroySoon();
        resolve();
      });
    });
    model.on("error", (error) =>
      logger.warn({ connection: name, error: error.message }, "error on the connection to the broker"),
    );
    this.#model = model;
    if (this.#closing.signal.aborted) {
      await closeQuietly(model);
      return;
    }
    // A broker may close in the breath in which it opens: amqplib tells of that before anybody can listen.
    if (socketOf(model)?.writableEnded === true) throw new Error("The broker has closed the connection at once.");
    try {
      await onUp(model);
    } catch (error) {
      await closeQuietly(model);
      throw error;
    }
    if (this.#closing.signal.aborted) void closeQuietly(model);
    else onConnected();
    await lost;
  }
}

/** What amqplib passes on to `net.connect` or `tls.connect`, of which its types name a part. */
interface ConnectOptions extends SocketOptions {
  /** Destroys the socket. */
  readonly signal: AbortSignal;
}

/** The socket beneath a connection, of which amqplib's types say nothing. */
function socketOf(model: ChannelModel): Socket | undefined {
  const { stream } = model.connection as { readonly stream?: unknown };
  return stream instanceof Socket ? stream : undefined;
}

function withHeartbeat(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== "amqp:" && parsed?.protocol !== "amqps:")
    throw new QueueError("refused", "The address of the broker is no URL that begins with amqp:// or amqps://.");
  if (!parsed.searchParams.has("heartbeat")) parsed.searchParams.set("heartbeat", String(heartbeatSeconds));
  return parsed.href;
}

/**
 * Whether the broker was reached and wants no such user or virtual host. Of the latter amqplib tells only that the broker
 * closes instead of opening, which is also what one does that is just being stopped.
 */
function isRefusal(error: unknown): boolean {
  return saysWhy(error) || errorMessage(error).includes("got <ConnectionClose");
}

function saysWhy(error: unknown): boolean {
  return /ACCESS[-_]REFUSED|NOT[-_]ALLOWED/.test(errorMessage(error));
}

function refusedError(cause: unknown): QueueError {
  const reason = errorMessage(cause);
  return new QueueError("refused", `The broker refuses this user or this virtual host: ${reason}`, { cause });
}

/** What is thrown when a queue is used that has been closed. */
export function closedError(): QueueError {
  return new QueueError("closed", "The queue has been closed.");
}
