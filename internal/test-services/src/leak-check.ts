/** What must not stay behind, by the names that `process.getActiveResourcesInfo()` uses. */
const watched = ["TCPSocketWrap", "TCPServerWrap", "UDPWrap", "TLSWrap", "ProcessWrap", "Timeout"];

/** Vitest has timers of its own, which come and go: what is there at the beginning says nothing about the end. */
const passing = new Set(["Timeout"]);

/** How long a resource may take to close once the test file is done. */
const patienceMs = 3_000;
const stepMs = 20;

/** Compares the resources that keep the event loop alive before and after a piece of work. */
export class LeakCheck {
  #before: ReadonlyMap<string, number> = new Map();

  /** Remembers what is there. */
  begin(): void {
    this.#before = count(process.getActiveResourcesInfo().filter((name) => !passing.has(name)));
  }

  /** Resolves once nothing is left that was not there before; rejects with what is left after 3 s. */
  async end(): Promise<void> {
    let left = this.#left();
    for (let waitedMs = 0; left.length > 0 && waitedMs < patienceMs; waitedMs += stepMs) {
      await new Promise((resolve) => setTimeout(resolve, stepMs));
      left = this.#left();
    }
    if (left.length > 0) throw new Error(`The tests of this file have left open: ${left.join(", ")}.`);
  }

  #left(): readonly string[] {
    const now = count(process.getActiveResourcesInfo());
    return watched.flatMap((name) => {
      const more = (now.get(name) ?? 0) - (this.#before.get(name) ?? 0);
      return more > 0 ? [`${more} × ${name}`] : [];
    });
  }
}

function count(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
