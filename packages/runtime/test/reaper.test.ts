import { ManualClock, RecordingLogger } from "@mayfly/service/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { type Owned, Reaper, type Recoverable, type Result, Runtime, type Standing } from "../src/index.ts";

/** An environment with runs in it, whose steps can be held up and can fail. */
class FoundRuns extends Runtime<string> implements Recoverable<string> {
  readonly kind = "found";
  readonly scope = "here";
  readonly runs = new Set<string>();
  /** What was done, in order: `list`, `stop 1 10000`, `destroy 1`. */
  readonly calls: string[] = [];
  readonly failing = new Set<string>();
  readonly held = new Map<string, Promise<void>>();

  override async start(): Promise<string> {
    throw new Error("Nothing is started here.");
  }

  override async wait(): Promise<Result> {
    return { status: "complete" };
  }

  override async stop(handle: string, { graceMs }: { readonly graceMs: number }): Promise<void> {
    await this.#do(`stop ${handle}`, ` ${graceMs}`);
  }

  override async destroy(handle: string): Promise<void> {
    await this.#do(`destroy ${handle}`);
    this.runs.delete(handle);
  }

  async *list(): AsyncGenerator<Owned<string>> {
    await this.#do("list");
    for (const handle of this.runs) yield { handle, taskId: handle, run: 1, scheduler: "hello", createdAt: 1 };
  }

  /** What was done besides looking. */
  get removals(): readonly string[] {
    return this.calls.filter((call) => call !== "list");
  }

  async #do(call: string, detail = ""): Promise<void> {
    this.calls.push(call + detail);
    await this.held.get(call);
    if (this.failing.has(call)) throw new Error(`${call} fails`);
  }
}

const never = new Promise<void>(() => undefined);

describe("Reaper", () => {
  let clock: ManualClock;
  let logger: RecordingLogger;
  let runtime: FoundRuns;
  let standings: Map<string, Standing | Error>;
  let reaper: Reaper<string>;

  beforeEach(() => {
    clock = new ManualClock();
    logger = new RecordingLogger();
    runtime = new FoundRuns();
    standings = new Map();
    reaper = newReaper();
  });

  function newReaper(): Reaper<string> {
    return new Reaper({ runtime, standingOf: async ({ taskId }) => standingOf(taskId), clock, logger });
  }

  function standingOf(id: string): Standing {
    const standing = standings.get(id) ?? "wanted";
    if (standing instanceof Error) throw standing;
    return standing;
  }

  function find(...found: readonly (readonly [handle: string, standing: Standing | Error])[]): void {
    for (const [handle, standing] of found) {
      runtime.runs.add(handle);
      standings.set(handle, standing);
    }
  }

  function messages(): readonly string[] {
    return logger.entries.map(({ message }) => message);
  }

  it("[RUN-30] looks when it starts and each minute, give or take a tenth", async () => {
    await reaper.start();
    await clock.advance(0);
    expect(runtime.calls).toEqual(["list"]);
    await clock.advance(53_900);
    expect(runtime.calls).toEqual(["list"]);
    await clock.advance(12_200);
    expect(runtime.calls).toEqual(["list", "list"]);
    const pauses: number[] = [];
    for (let look = 0; look < 8; look++) {
      const [before, startMs] = [runtime.calls.length, clock.monotonicMs()];
      while (runtime.calls.length === before) await clock.advance(100);
      pauses.push(clock.monotonicMs() - startMs);
    }
    // The first one began in the middle.
    for (const pauseMs of pauses.slice(1)) {
      expect(pauseMs).toBeGreaterThanOrEqual(53_900);
      expect(pauseMs).toBeLessThanOrEqual(66_100);
    }
    expect(new Set(pauses).size).toBeGreaterThan(2);
    await reaper.stop();
    expect(clock.pendingTimers).toBe(0);
  });

  it("[RUN-31] keeps what is wanted, and stops and destroys at once what is gone", async () => {
    find(["1", "wanted"], ["2", "gone"], ["3", "wanted"]);
    await reaper.start();
    await clock.advance(0);
    expect(runtime.removals).toEqual(["stop 2 10000", "destroy 2"]);
    expect(logger.entries).toMatchObject([{ level: "info", fields: { task: "2", run: 1, standing: "gone" } }]);
    await clock.advance(600_000);
    expect([...runtime.runs]).toEqual(["1", "3"]);
    await reaper.stop();
  });

  it("[RUN-32] removes what is unwanted once each look has said so for five minutes", async () => {
    find(["1", "unwanted"]);
    await reaper.start();
    await clock.advance(299_000);
    expect(runtime.removals).toEqual([]);
    await clock.advance(70_000);
    expect(runtime.removals).toEqual(["stop 1 10000", "destroy 1"]);
    await reaper.stop();
  });

  it.each<readonly [what: string, interrupt: () => void, resume: () => void]>([
    ["is wanted", () => standings.set("1", "wanted"), () => standings.set("1", "unwanted")],
    ["cannot be told", () => standings.set("1", new Error("away")), () => standings.set("1", "unwanted")],
    ["is not there", () => runtime.runs.delete("1"), () => runtime.runs.add("1")],
    ["is not listed", () => runtime.failing.add("list"), () => runtime.failing.clear()],
  ])("[RUN-32] begins the five minutes anew when what was unwanted %s in between", async (_what, interrupt, resume) => {
    find(["1", "unwanted"]);
    await reaper.start();
    await clock.advance(200_000);
    interrupt();
    await clock.advance(70_000);
    resume();
    await clock.advance(290_000);
    expect(runtime.removals).toEqual([]);
    await clock.advance(130_000);
    expect(runtime.removals).toEqual(["stop 1 10000", "destroy 1"]);
    await reaper.stop();
  });

  it("[RUN-32] begins the five minutes anew when it is started anew", async () => {
    find(["1", "unwanted"]);
    await reaper.start();
    await clock.advance(290_000);
    await reaper.stop();
    await clock.advance(60_000);
    await reaper.start();
    await clock.advance(290_000);
    expect(runtime.removals).toEqual([]);
    await reaper.stop();
  });

  it("[RUN-33] leaves what fails to the next look, and goes on with the others", async () => {
    find(["1", "gone"], ["2", new Error("store away")], ["3", "gone"]);
    runtime.failing.add("stop 1");
    await reaper.start();
    await clock.advance(0);
    expect([...runtime.runs]).toEqual(["1", "2"]);
    expect(runtime.removals).not.toContain("destroy 1");
    expect(messages()).toContain("run not removed");
    expect(messages()).toContain("not known whether the run is wanted");
    runtime.failing.clear();
    runtime.failing.add("list");
    await clock.advance(66_100);
    expect(messages()).toContain("runs not listed");
    runtime.failing.clear();
    runtime.failing.add("destroy 1");
    standings.set("2", "gone");
    await clock.advance(66_100);
    expect([...runtime.runs]).toEqual(["1"]);
    runtime.failing.clear();
    await clock.advance(66_100);
    expect([...runtime.runs]).toEqual([]);
    await reaper.stop();
  });

  it("[RUN-34] removes a run once at a time, and holds up others for a minute beyond the grace at most", async () => {
    const stuck = Array.from({ length: 8 }, (_, index) => `stuck ${index}`);
    find(...stuck.map((handle) => [handle, "gone"] as const), ["1", "gone"]);
    for (const handle of stuck) runtime.held.set(`stop ${handle}`, never);
    await reaper.start();
    await clock.advance(69_000);
    expect([...runtime.runs]).toContain("1");
    await clock.advance(2_000);
    expect([...runtime.runs]).toEqual(stuck);
    await clock.advance(600_000);
    expect(runtime.calls.filter((call) => call === "stop stuck 0 10000")).toHaveLength(1);
    find(["2", "gone"]);
    await clock.advance(70_000);
    expect([...runtime.runs]).toEqual(stuck);
    await reaper.stop();
    expect(clock.pendingTimers).toBe(0);
  });

  it("[RUN-34] does not wait for a list, or for an answer, for longer than a minute", async () => {
    find(["1", "gone"]);
    runtime.held.set("list", never);
    await reaper.start();
    await clock.advance(59_000);
    runtime.held.clear();
    await clock.advance(70_000);
    expect([...runtime.runs]).toEqual([]);
    await reaper.stop();
  });

  it("[RUN-35] stops at once while it looks, and removes nothing more", async () => {
    find(["1", "gone"]);
    runtime.held.set("list", never);
    await reaper.start();
    await clock.advance(0);
    await reaper.stop();
    expect(clock.pendingTimers).toBe(0);
    runtime.held.clear();
    await clock.advance(600_000);
    expect(runtime.removals).toEqual([]);
  });

  it("[RUN-35] stops when the removal under way has ended", async () => {
    find(["1", "gone"]);
    let end = (): void => undefined;
    runtime.held.set("stop 1", new Promise((resolve) => (end = resolve)));
    await reaper.start();
    await clock.advance(0);
    let isStopped = false;
    const stopping = reaper.stop().then(() => (isStopped = true));
    await clock.advance(5_000);
    expect(isStopped).toBe(false);
    end();
    await stopping;
    expect([[...runtime.runs], clock.pendingTimers]).toEqual([[], 0]);
  });

  it("[RUN-36] does no harm to another one that removes the same", async () => {
    find(["1", "gone"], ["2", "wanted"], ["3", "gone"]);
    const other = newReaper();
    await Promise.all([reaper.start(), other.start()]);
    await clock.advance(0);
    expect([...runtime.runs]).toEqual(["2"]);
    expect(messages().filter((message) => message !== "run removed that nobody needs")).toEqual([]);
    await Promise.all([reaper.stop(), other.stop()]);
  });
});
