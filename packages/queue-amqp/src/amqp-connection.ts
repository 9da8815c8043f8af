import { QueueError } from "@mayfly/queue";
import { type Clock, errorMessage, fullJitterMs, type Logger } from "@mayfly/service";
import { type ChannelModel, connect } from "amqplib";

/** What an {@link AmqpConnection} is made of. */
export interface AmqpConnectionOptions {
  /** The nodes of one cluster; each attempt takes the next. */
  readonly urls: readonly string[];
  /** What the broker's management calls it. */
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Sets up what lives on the connection, each time anew; when it fails the connection is closed and tried again. */
  readonly onUp: (model: ChannelModel) => Promise<void>;
  /** The connection is gone, and all that lived on it. */
  readonly onDown: () => void;
}

const connectTimeoutMs = 5_000;
const heartbeatSeconds = 10;
const reconnect = { baseMs: 100, maxMs: 5_000 };

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

  /** The connection while it is up. */
  get model(): ChannelModel | undefined {
    return this.#model;
  }

  /** Resolves when it was up for the first time. A second call gives the same promise. */
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
    await this.#model?.close().catch(() => undefined);
    await this.#loop;
  }

  async #keepUp(onFirst: () => void, onRefused: (error: QueueError) => void): Promise<void> {
    const { urls, clock, logger, onDown } = this.#options;
    const { signal } = this.#closing;
    let wasUp = false;
    let failures = 0;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const { model, lost } = await this.#connect(urls[attempt % urls.length] ?? "");
        this.#model = model;
        wasUp = true;
        failures = 0;
        onFirst();
        await lost;
        this.#model = undefined;
        onDown();
        if (!signal.aborted) logger.warn({ connection: this.#options.name }, "connection to the broker lost");
      } catch (error) {
        const refused = refusal(error);
        if (refused !== undefined && !wasUp) {
          onRefused(refused);
          return;
        }
        logger.warn(
          { connection: this.#options.name, error: errorMessage(error) },
          "broker not reached, will be tried again",
        );
      }
      if (!signal.aborted) await clock.sleep(fullJitterMs(failures++, reconnect), { signal });
    }
    onRefused(closedError());
  }

  async #connect(url: string): Promise<{ readonly model: ChannelModel; readonly lost: Promise<void> }> {
    const { name, logger, onUp } = this.#options;
    const model = await connect(withHeartbeat(url), {
      timeout: connectTimeoutMs,
      clientProperties: { connection_name: name },
    });
    const lost = new Promise<void>((resolve) => model.once("close", () => resolve()));
    model.on("error", (error) =>
      logger.warn({ connection: name, error: error.message }, "error on the connection to the broker"),
    );
    try {
      if (this.#closing.signal.aborted) throw closedError();
      await onUp(model);
    } catch (error) {
      await model.close().catch(() => undefined);
      throw error;
    }
    return { model, lost };
  }
}

function withHeartbeat(url: string): string {
  const parsed = new URL(url);
  if (!parsed.searchParams.has("heartbeat")) parsed.searchParams.set("heartbeat", String(heartbeatSeconds));
  return parsed.href;
}

/** Credentials and virtual hosts that the broker does not know are not mended by trying again. */
function refusal(error: unknown): QueueError | undefined {
  const message = errorMessage(error);
  return /\b(403|530)\b|ACCESS[-_]REFUSED|NOT[-_]ALLOWED/.test(message)
    ? new QueueError("refused", `The broker refuses this user or virtual host: ${message}`, { cause: error })
    : undefined;
}

function closedError(): QueueError {
  return new QueueError("closed", "The queue has been closed.");
}
