import { isTerminal } from "@mayfly/task";
import { expect } from "vitest";
import type { EventPage } from "../task-store.ts";
import type { ContractCase } from "./contract-case.ts";

/** What holds for the story of what has happened. */
export const eventCases: readonly ContractCase[] = [
  {
    title: "[STORE-32] tells what has happened in pages, each event once and those of a task in order",
    async verify(trial) {
      const running = await Promise.all(Array.from({ length: 4 }, () => trial.run()));
      for (const { owner } of running) await trial.store.finish(owner, { outcome: "complete" });
      const seen = new Map<string, string[]>();
      const positions: string[] = [];
      let page: EventPage = await trial.store.events({ limit: 5 });
      while (page.events.length > 0) {
        expect(page.events.length).toBeLessThanOrEqual(5);
        expect(page.gap).toBe(false);
        expect(page.position).toBe(page.events.at(-1)?.position);
        for (const { position, event } of page.events) {
          positions.push(position);
          seen.set(event.id, [...(seen.get(event.id) ?? []), event.op]);
          expect(event.scheduler).toBe("hello");
          expect(Math.abs(Date.parse(event.at) - trial.now())).toBeLessThan(60_000);
        }
        expect(positions.length).toBeLessThanOrEqual(12);
        page = await trial.store.events({ after: page.position, limit: 5 });
      }
      expect(new Set(positions).size).toBe(12);
      expect([...seen]).toHaveLength(4);
      for (const { id } of running) expect(seen.get(id)).toEqual(["add", "ack", "complete"]);
    },
  },
  {
    title: "[STORE-32] goes on after any position, and stays at one that nothing follows",
    async verify(trial) {
      const empty = await trial.store.events({ limit: 10 });
      expect(empty.events).toEqual([]);
      const { id, owner } = await trial.run();
      const fromStart = await trial.store.events({ after: empty.position, limit: 10 });
      expect(fromStart.events.map(({ event }) => event.op)).toEqual(["add", "ack"]);
      const afterAdd = await trial.store.events({ after: fromStart.events[0]?.position, limit: 10 });
      expect(afterAdd.events.map(({ event }) => event.op)).toEqual(["ack"]);
      const nothing = await trial.store.events({ after: afterAdd.position, limit: 10 });
      expect(nothing).toEqual({ gap: false, events: [], position: afterAdd.position });
      await trial.store.finish(owner, { outcome: "complete" });
      const last = await trial.store.events({ after: nothing.position, limit: 10 });
      expect(last.events.map(({ event }) => [event.op, event.id])).toEqual([["complete", id]]);
    },
  },
  {
    title: "[STORE-57] tells a gap after each position from before a wipe, and none after those that follow",
    async verify(trial) {
      const { owner } = await trial.run();
      const { events, position } = await trial.store.events({ limit: 10 });
      const positions = events.map((event) => event.position);
      expect(positions).toHaveLength(2);
      await trial.wipe();
      expect(await trial.store.events({ after: position, limit: 10 })).toEqual({ gap: true, events: [], position });
      await trial.leaveGap();
      const next = await trial.schedule({ task: { id: owner.id } });
      for (const after of positions) {
        const page = await trial.store.events({ after, limit: 10 });
        expect({ after, gap: page.gap }).toEqual({ after, gap: true });
        expect(page.events.map(({ event }) => [event.op, event.id])).toEqual([["add", next.id]]);
        expect(await trial.store.events({ after: page.position, limit: 10 })).toMatchObject({ gap: false, events: [] });
      }
      expect(await trial.store.events({ limit: 10 })).toMatchObject({ gap: false, events: [{ event: { op: "add" } }] });
    },
  },
  {
    title: "[STORE-33] tells exactly one terminal event of each task, last, whatever else is tried",
    async verify(trial) {
      const task = { timeout: trial.instant(trial.ampleMs) };
      const make = async () => await trial.run({ leaseMs: trial.stepMs, maxAttempts: 1 }, { task });
      const [finished, released, expired, recovered] = [await make(), await make(), await make(), await make()];
      await trial.store.abort(recovered.id, {});
      await trial.store.finish(finished.owner, { outcome: "complete" });
      await trial.store.release(released.owner, { cause: "retry", delayMs: 0, reason: { code: "failed" } });
      await trial.advance(trial.ampleMs);
      for (const each of [finished, released, expired, recovered]) {
        await Promise.all([
          trial.store.finish(each.owner, { outcome: "complete" }),
          trial.sweep("expire"),
          trial.sweep("recover"),
          trial.tryClaim(each),
          trial.store.abort(each.id, {}),
          trial.store.release(each.owner, { cause: "give_back", delayMs: 0 }),
          trial.store.progress(each.owner, "1"),
          trial.store.schedule(each.request),
        ]);
        const ops = await trial.ops(each.id);
        expect({ ops, ends: ops.filter(isTerminal) }).toEqual({ ops, ends: [ops.at(-1)] });
      }
    },
  },
];
