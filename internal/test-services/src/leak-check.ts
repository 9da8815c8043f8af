/** What must not stay behind, by the names that `process.getActiveResourcesInfo()` uses. */
const watched = ["TCPSocketWrap", "TCPServerWrap", "UDPWrap", "TLSWrap", "ProcessWrap", "Timeout"] as const;

type Counts = ReadonlyMap<string, number>;

const stepMs = 10;
/** Vitest has timers of its own that come and go; one that stays longer than this is somebody else's. */
const settleMs = 100;
/** How long a resource may take to close once the work is done. */
const patienceMs = 3_000;

/** Compares the resources that keep the event loop alive before and after a piece of work. */
export class LeakCheck {
  #before: Counts = new Map();

  /** Remembers what is there; takes up to 100 ms when there are timers. */
  async begin(): Promise<void> {
    this.#before = count();
    for (let waitedMs = 0; has(this.#before, "Timeout") && waitedMs < settleMs; waitedMs += stepMs) {
      await pause();
      this.#before = least(this.#before, count());
    }
  }

  /** Resolves once nothing is left that was not there before; rejects with what is left after 3 s. */
  async end(): Promise<void> {
    let left = this.#left();
    for (let waitedMs = 0; left.length > 0 && waitedMs < patienceMs; waitedMs += stepMs) {
      await pause();
      left = this.#left();
    }
    if (left.length > 0) throw new Error(`This has been left open: ${left.join(", ")}.`);
  }

  #left(): readonly string[] {
    const now = count();
    return watched.flatMap((name) => {
      const more = (now.get(name) ?? 0) - (this.#before.get(name) ?? 0);
      return more > 0 ? [`${more} × ${name}`] : [];
    });
  }
}

function count(): Counts {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function has(counts: Counts, name: string): boolean {
  return (counts.get(name) ?? 0) > 0;
}

/** For each name the smaller of two counts. */
function least(a: Counts, b: Counts): Counts {
  return new Map([...a].map(([name, number]) => [name, Math.min(number, b.get(name) ?? 0)]));
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, stepMs));
}
