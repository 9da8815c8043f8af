import { aTask } from "@mayfly/task/testing";
import { toInstant } from "@mayfly/task";
import { describe, expect, it } from "vitest";
import { EventLog } from "../src/in-memory/event-log.ts";
import { Listeners } from "../src/in-memory/listeners.ts";
import { TimeIndex } from "../src/in-memory/time-index.ts";
import { type Tombstone, Tombstones } from "../src/in-memory/tombstones.ts";

describe("EventLog", () => {
  const append = (log: EventLog, count: number): void => {
    for (let index = 0; index < count; index++) {
      log.append({ op: "add", id: `event ${index}`, scheduler: "hello", at: toInstant(0) });
    }
  };

  it("[STORE-40] keeps the latest events, and goes on after a position that is forgotten", () => {
    const log = new EventLog({ limit: 3 });
    append(log, 2);
    const { position } = log.read(undefined, 1);
    append(log, 4);
    const all = log.read(undefined, 10);
    expect(all.events.map(({ event }) => event.id)).toEqual(["event 1", "event 2", "event 3"]);
    const rest = log.read(position, 2);
    expect(rest.events.map(({ event }) => event.id)).toEqual(["event 1", "event 2"]);
    expect([all.gap, rest.gap]).toEqual([true, true]);
    expect(log.read(rest.position, 2).gap).toBe(false);
  });

  it("[STORE-57] tells a gap at each position from before it was cleared, and at one that it never had", () => {
    const log = new EventLog({ limit: 10 });
    append(log, 2);
    const before = ["0", "1", "2"];
    expect(before.map((after) => log.read(after, 10).gap)).toEqual([false, false, false]);
    log.clear();
    expect(log.read(undefined, 10)).toEqual({ gap: false, events: [], position: "3" });
    append(log, 4);
    for (const after of [...before, "999"]) {
      const { gap, events } = log.read(after, 10);
      expect({ after, gap, count: events.length }).toEqual({ after, gap: true, count: 4 });
    }
    expect(log.read("3", 10)).toMatchObject({ gap: false, events: { length: 4 } });
  });

  it.each(["", "x", "-1", "1.5", "1e0"])("[STORE-32] refuses %j, which is no position of it", (after) => {
    const log = new EventLog({ limit: 3 });
    append(log, 2);
    expect(() => log.read(after, 1)).toThrow(expect.objectContaining({ code: "invalid_cursor" }));
  });
});

describe("Tombstones", () => {
  const tombstone = (id: string): Tombstone => ({
    view: { ...aTask({ id }), state: "done", scheduledAt: toInstant(0) },
    contentHash: "",
    timeout: 0,
    notBefore: undefined,
    attempt: 1,
    token: "token",
    closedByOwner: true,
  });

  it("[STORE-40] forgets those first that would go first, beyond its limit", () => {
    const tombstones = new Tombstones({ limit: 2 });
    tombstones.add(tombstone("long"), { now: 0, retentionMs: 30 });
    tombstones.add(tombstone("short"), { now: 0, retentionMs: 10 });
    tombstones.add(tombstone("middle"), { now: 0, retentionMs: 20 });
    const kept = ["short", "middle", "long"].filter((id) => tombstones.find(id, 0) !== undefined);
    expect(kept).toEqual(["middle", "long"]);
  });

  it("[STORE-5] forgets each at its time", () => {
    const tombstones = new Tombstones({ limit: 10 });
    tombstones.add(tombstone("a"), { now: 5, retentionMs: 10 });
    expect(tombstones.find("a", 14)).toBeDefined();
    expect(tombstones.find("a", 15)).toBeUndefined();
  });
});

describe("TimeIndex", () => {
  it("[STORE-21] gives what is due in the order of its time, then of its coming, whatever moves and goes in between", () => {
    const index = new TimeIndex();
    const expected = new Map<string, { at: number; order: number }>();
    // A fixed sequence that looks random (a linear congruential generator), so that a failure repeats.
    let seed = 1;
    const below = (limit: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * limit);
    };
    for (let order = 0; order < 5_000; order++) {
      const id = `task ${below(200)}`;
      if (below(3) === 0) {
        index.delete(id);
        expected.delete(id);
      } else {
        const at = below(50);
        index.set(id, at);
        expected.set(id, { at, order });
      }
      const [first] = [...expected].sort(([, a], [, b]) => a.at - b.at || a.order - b.order);
      expect(index.size).toBe(expected.size);
      expect(index.firstUntil(25)).toBe(first !== undefined && first[1].at <= 25 ? first[0] : undefined);
      expect(index.nextInMs(25)).toBe(first === undefined ? undefined : Math.max(0, first[1].at - 25));
    }
    expect(expected.size).toBeGreaterThan(50);
  });
});

describe("Listeners", () => {
  it("[STORE-30] calls after the present step, each once, but not those who left meanwhile", async () => {
    const listeners = new Listeners<number>();
    const told: string[] = [];
    listeners.add("a", (value) => told.push(`first ${value}`));
    const second = listeners.add("a", (value) => told.push(`second ${value}`));
    listeners.add("b", (value) => told.push(`other ${value}`));
    listeners.tell("a", 1);
    expect(told).toEqual([]);
    second.close();
    await Promise.resolve();
    expect(told).toEqual(["first 1"]);
    listeners.tell("b", 2);
    listeners.clear();
    await Promise.resolve();
    expect(told).toEqual(["first 1"]);
  });
});
