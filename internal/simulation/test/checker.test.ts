import { InMemoryStore, type InMemoryStoreOptions, type TaskStore } from "@mayfly/store";
import { isTerminal } from "@mayfly/task";
import { describe, expect, it } from "vitest";
import { simulate } from "../src/simulate.ts";

/** A seed takes up to a second on a machine that is busy. */
const patienceMs = 120_000;

/** Says of each tenth task that it has it, and does not. */
class ForgetfulStore extends InMemoryStore {
  readonly #other: InMemoryStore;
  #count = 0;

  constructor(options: InMemoryStoreOptions) {
    super(options);
    this.#other = new InMemoryStore(options);
  }

  override schedule(...given: Parameters<TaskStore["schedule"]>): ReturnType<TaskStore["schedule"]> {
    return this.#count++ % 10 === 9 ? this.#other.schedule(...given) : super.schedule(...given);
  }
}

/** Tells each tenth end twice. */
class TalkativeStore extends InMemoryStore {
  #count = 0;

  override async events(...given: Parameters<TaskStore["events"]>): ReturnType<TaskStore["events"]> {
    const page = await super.events(...given);
    const events = page.events.flatMap((entry) =>
      isTerminal(entry.event.op) && this.#count++ % 10 === 9 ? [entry, entry] : [entry],
    );
    return { ...page, events };
  }
}

/** Hands no dead letters back, so that tasks whose messages are garbled wait for ever. */
class DeafStore extends InMemoryStore {
  override async undelivered(): ReturnType<TaskStore["undelivered"]> {
    return { answer: "gone" };
  }

  override async stalled(): ReturnType<TaskStore["stalled"]> {
    return [];
  }
}

describe("the checker", () => {
  const planted = [
    {
      what: "a task that was accepted and dropped",
      Store: ForgetfulStore,
      says: /live tasks|was accepted, and is lost/,
    },
    { what: "a second end", Store: TalkativeStore, says: /after its end/ },
    { what: "a task that nobody runs", Store: DeafStore, says: /has not ended/ },
  ];

  it.each(planted)("[SIM-5] finds $what", { timeout: patienceMs }, async ({ Store, says }) => {
    const texts: string[] = [];
    for (let seed = 0; seed < 10 && texts.length === 0; seed++) {
      const { violations, explain } = await simulate(seed, { Store });
      for (const violation of violations) texts.push(violation.text, ...explain(violation));
    }
    expect(texts.join("\n")).toMatch(says);
  });
});
