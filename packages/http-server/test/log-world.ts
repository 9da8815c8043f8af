import { randomUUID } from "node:crypto";
import { Dispatcher } from "@mayfly/dispatcher";
import { InMemoryQueue } from "@mayfly/queue";
import { ManualClock } from "@mayfly/service/testing";
import { contentHash, InMemoryStore, type LogPage, type LogRequest, type Owner, StoreError } from "@mayfly/store";
import { aTask } from "@mayfly/task/testing";
import { TestApi } from "./test-api.ts";
import { TextStream } from "./text-stream.ts";

/** A store that can be away, and counts how often a log is read. */
class WatchedStore extends InMemoryStore {
  isAway = false;
  reads = 0;

  override async readLog(id: string, request: LogRequest): Promise<LogPage> {
    this.reads++;
    if (this.isAway) throw new StoreError("unavailable", "The store is away.");
    return super.readLog(id, request);
  }
}

/** The API over the in-process ports, and a task that is running, whose log a test writes. Time stands still. */
export class LogWorld implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly store = new WatchedStore({ clock: this.clock });
  readonly #queue = new InMemoryQueue({ clock: this.clock });
  readonly #owner: Owner = { id: randomUUID(), attempt: 1, token: randomUUID(), scheduledAt: this.clock.now() };
  #api: TestApi | undefined;

  static async start(): Promise<LogWorld> {
    const world = new LogWorld();
    await Promise.all([world.store.open(), world.#queue.open()]);
    const dispatcher = new Dispatcher({ store: world.store, queue: world.#queue, clock: world.clock, maxFollowers: 2 });
    world.#api = await TestApi.start({ dispatcher, clock: world.clock });
    await world.#run();
    return world;
  }

  get api(): TestApi {
    if (this.#api === undefined) throw new Error("The API does not listen.");
    return this.#api;
  }

  get path(): string {
    return `/task/${this.#owner.id}/logs`;
  }

  async say(text: string): Promise<void> {
    await this.store.appendLog(this.#owner, text);
  }

  async finish(): Promise<void> {
    await this.store.finish(this.#owner, { outcome: "complete" });
  }

  /** Asks for the log of the task. */
  read(query: string, headers: Readonly<Record<string, string>> = {}): Promise<TextStream> {
    return TextStream.open(`${this.api.url}${this.path}${query}`, headers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.api.service.stop();
    await this.#queue.close();
    await this.store.close();
  }

  async #run(): Promise<void> {
    const { id, token } = this.#owner;
    const task = aTask({ id, timeout: new Date(this.clock.now() + 3_600_000).toISOString() });
    const content = { contentHash: contentHash(task), timeout: Date.parse(task.timeout) };
    const scheduled = await this.store.schedule({
      task,
      body: JSON.stringify(task),
      contentHash: content.contentHash,
      timeoutGiven: true,
      maxTimeoutMs: 7_200_000,
      retentionMs: 3_600_000,
      announceToken: randomUUID(),
    });
    if (scheduled.answer !== "scheduled") throw new Error(`schedule answered ${scheduled.answer}`);
    const { announcement } = scheduled;
    const owner = { token, instance: "hello@host:1", leaseMs: 3_600_000, maxAttempts: 3 };
    const { answer } = await this.store.claim({ announcement, ...content, ...owner });
    if (answer !== "granted") throw new Error(`claim answered ${answer}`);
  }
}
