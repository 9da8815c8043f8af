import type { Socket } from "node:net";

/** How fast a direction of a connection passes its bytes on. */
export interface Slowness {
  /** How long each byte is under way, in milliseconds. @defaultValue 0 */
  readonly delayMs?: number;
  /** @defaultValue as many as the connection takes */
  readonly bytesPerSecond?: number;
}

/** What is under way: bytes, or the end of the sender's side. */
interface Item {
  readonly bytes: Buffer | undefined;
  readonly end: "none" | "finish" | "reset";
  readonly dueMs: number;
}

/** What a lane keeps before it lets its sender wait. */
const maxQueuedBytes = 8 * 1024 * 1024;

/** One direction of a proxied connection: keeps what it is given in order, for as long as it is told to. */
export class FaultLane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #items: Item[] = [];
  #queuedBytes = 0;
  #isHeld = false;
  #slowness: Slowness = {};
  #lastDueMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
    from.on("data", (bytes: Buffer) => this.#push(bytes, "none"));
    from.on("end", () => this.#push(undefined, "finish"));
    from.on("close", (hadError) => this.#push(undefined, hadError ? "reset" : "finish"));
    to.on("drain", () => this.#pump());
  }

  /** Passes nothing on, not even an end, until it is told otherwise; then everything, as a healed network would. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#pump();
  }

  /** For what comes from now on. */
  slow(slowness: Slowness): void {
    this.#slowness = slowness;
  }

  /** Forgets what is under way. */
  close(): void {
    clearTimeout(this.#timer);
    this.#items.length = 0;
  }

  #push(bytes: Buffer | undefined, end: Item["end"]): void {
    const { delayMs = 0, bytesPerSecond = Number.POSITIVE_INFINITY } = this.#slowness;
    const length = bytes?.length ?? 0;
    this.#lastDueMs = Math.max(this.#lastDueMs, performance.now() + delayMs) + (length / bytesPerSecond) * 1_000;
    this.#items.push({ bytes, end, dueMs: this.#lastDueMs });
    this.#queuedBytes += length;
    if (this.#queuedBytes > maxQueuedBytes) this.#from.pause();
    this.#pump();
  }

  #pump(): void {
    clearTimeout(this.#timer);
    for (let item = this.#items[0]; item !== undefined && !this.#isHeld; item = this.#items[0]) {
      const waitMs = item.dueMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#pump(), waitMs);
        return;
      }
      if (this.#to.writableNeedDrain) return;
      this.#items.shift();
      this.#deliver(item);
    }
    if (this.#queuedBytes <= maxQueuedBytes / 2) this.#from.resume();
  }

  #deliver({ bytes, end }: Item): void {
    if (bytes !== undefined) {
      this.#queuedBytes -= bytes.length;
      if (this.#to.writable) this.#to.write(bytes);
    }
    if (end === "finish") this.#to.end();
    if (end === "reset") this.#to.resetAndDestroy();
  }
}
