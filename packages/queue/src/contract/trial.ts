import { randomUUID } from "node:crypto";
import type { Announcement } from "@mayfly/task";
import { expect, vi } from "vitest";
import type { TaskQueue } from "../task-queue.ts";
import { DeadLetterTaker, type DeadLetterWork } from "./dead-letter-taker.ts";
import type { QueueHarness } from "./queue-harness.ts";
import { Taker, type Work } from "./taker.ts";

/** How a case consumes its queue. */
export interface TakeOptions {
  readonly slots: number;
  /** @defaultValue a minute */
  readonly holdMs?: number;
  /** Is told of each delivery as its handling begins. @defaultValue lets it go on */
  readonly onWork?: (work: Work) => void;
}

/** One case's queue, with shortcuts for what most cases do first. */
export class Trial {
  /** A queue name of this case's own. */
  readonly name: string = `contract-${randomUUID()}`;
  readonly #harness: QueueHarness;

  constructor(harness: QueueHarness) {
    this.#harness = harness;
  }

  get queue(): TaskQueue {
    return this.#harness.queue;
  }

  /** A message for the case's queue. */
  announcement(overrides: Partial<Announcement> = {}): Announcement {
    const id = randomUUID();
    const scheduledAt = Date.UTC(2026, 0, 1);
    return { id, scheduler: this.name, body: "{}", token: randomUUID(), scheduledAt, attempt: 0, ...overrides };
  }

  /** Publishes so many messages, in this order, and gives their ids. */
  async publish(count: number): Promise<readonly string[]> {
    const ids: string[] = [];
    while (ids.length < count) {
      const batch = Array.from({ length: Math.min(100, count - ids.length) }, () => this.announcement());
      const answers = await Promise.all(batch.map((message) => this.queue.publish(message)));
      expect(new Set(answers)).toEqual(new Set(["confirmed"]));
      ids.push(...batch.map(({ id }) => id));
    }
    return ids;
  }

  /** Declares the case's queue and publishes so many messages to it. */
  async fill(count: number): Promise<readonly string[]> {
    await this.queue.declare(this.name);
    return this.publish(count);
  }

  /** Consumes the case's queue, and waits until it is subscribed. */
  async take(options: TakeOptions): Promise<Taker> {
    const { onWork, ...limits } = options;
    const taker = await new Taker(onWork).start((onDelivery) =>
      this.queue.consume(this.name, { holdMs: 60_000, ...limits, onDelivery }),
    );
    await this.until(() => expect(taker.consumer.isSubscribed).toBe(true));
    return taker;
  }

  /** Consumes the case's queue, and ends each handling at once. */
  drain(options: { readonly slots?: number } = {}): Promise<Taker> {
    return this.take({ slots: 1, ...options, onWork: (work) => work.end() });
  }

  /**
   * The ids of what the queue still has; it must have no other consumer. A last message is published and rejected once:
   * when it comes again, all that was given back before it has come too.
   */
  async rest(): Promise<readonly string[]> {
    const [last] = await this.publish(1);
    const onWork = (work: Work): void => {
      if (work.id === last && !work.delivery.redelivered) work.fail();
      else work.end();
    };
    const taker = await this.take({ slots: 1, onWork });
    await this.until(() => expect(taker.ids.filter((id) => id === last)).toHaveLength(2));
    await taker.consumer.close();
    return taker.ids.filter((id) => id !== last);
  }

  /** Publishes so many messages that a consumer drops, and gives them in that order. */
  async bury(count: number): Promise<readonly Announcement[]> {
    await this.fill(count);
    const onWork = (work: Work): void => {
      work.delivery.drop();
      work.end();
    };
    const taker = await this.take({ slots: 1, onWork });
    await this.until(() => expect(taker.works).toHaveLength(count));
    await taker.consumer.close();
    return taker.works.map(({ delivery }) => delivery.message);
  }

  /** Consumes the dead letters of the case's queue, and waits until it is subscribed. */
  async takeDead(options: {
    readonly slots: number;
    readonly onWork?: (work: DeadLetterWork) => void;
  }): Promise<DeadLetterTaker> {
    const { slots, onWork } = options;
    const taker = await new DeadLetterTaker(this.name, onWork).start((onDeadLetter) =>
      this.queue.consumeDead({ slots, onDeadLetter }),
    );
    await this.until(() => expect(taker.consumer.isSubscribed).toBe(true));
    return taker;
  }

  /** Waits until so many have come, however long all of them take: as long as the harness has patience for each. */
  async untilCome(ids: () => readonly string[], count: number): Promise<void> {
    for (let come = ids().length; come < count; come = ids().length) {
      await this.until(() => expect(ids().length).toBeGreaterThan(come));
    }
  }

  /** Waits until the assertion holds, as long as the harness has patience, and `leastMs` at least. */
  async until(assertion: () => void | Promise<void>, leastMs = 0): Promise<void> {
    await vi.waitFor(assertion, { timeout: Math.max(this.#harness.patienceMs, leastMs), interval: 10 });
  }
}
