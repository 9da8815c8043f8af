import { readFile } from "node:fs/promises";

const everyMs = 20;

/** Watches how much memory a process of this host has resident. */
export class MemoryWatch implements Disposable {
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;
  /** In bytes. */
  readonly first: number;
  #least: number;
  #most: number;

  private constructor(pid: number, first: number) {
    this.#pid = pid;
    this.first = first;
    this.#least = first;
    this.#most = first;
    this.#timer = setInterval(() => void this.#look(), everyMs);
  }

  static async open(pid: number): Promise<MemoryWatch> {
    return new MemoryWatch(pid, await residentBytes(pid));
  }

  /** How far it has been from what it was at first, in bytes. */
  get furthest(): number {
    return Math.max(this.#most - this.first, this.first - this.#least);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const bytes = await residentBytes(this.#pid);
    this.#least = Math.min(this.#least, bytes);
    this.#most = Math.max(this.#most, bytes);
  }
}

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
}
