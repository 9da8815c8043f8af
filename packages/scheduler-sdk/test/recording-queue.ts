import { InMemoryQueue } from "@mayfly/queue";
import type { Announcement } from "@mayfly/task";

/** A queue that keeps what was published, so that a test can hand out a copy of it again. */
export class RecordingQueue extends InMemoryQueue {
  readonly #published: Announcement[] = [];

  override publish(message: Announcement): ReturnType<InMemoryQueue["publish"]> {
    this.#published.push(message);
    return super.publish(message);
  }

  /** Hands out the first message of a task once more, as a broker does when a channel was lost before the ack. */
  async redeliver(id: string): Promise<void> {
    const message = this.#published.find((published) => published.id === id);
    if (message === undefined) throw new Error(`No message of task ${id} was published.`);
    await super.publish(message);
  }
}
