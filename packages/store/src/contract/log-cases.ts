import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { logCutMark, type LogPage, maxLogBytes } from "../log.ts";
import type { ContractCase } from "./contract-case.ts";
import type { Trial } from "./trial.ts";

// An empty list and a long number are JSON that not every way of reading and writing it keeps.
const handle = { runtime: "docker", scope: "host-1", handle: { name: "x", none: [], long: 1_234_567_890_123_456 } };

/** What holds for the logs of tasks. */
export const logCases: readonly ContractCase[] = [
  {
    title: "[LOG-1] keeps what every attempt of a task has said, as one text in the order in which it was said",
    async verify(trial) {
      const { owner, ...scheduled } = await trial.run();
      expect(await readAll(trial, owner.id)).toEqual({ text: "", next: 0, isEnded: false, isKnown: true });
      expect(await trial.store.appendLog(owner, "one\n")).toBe("ok");
      expect(await trial.store.appendLog(owner, "zwei: grüß\0dich\r\n\n")).toBe("ok");
      await trial.store.release(owner, { cause: "give_back", delayMs: 0 });
      const second = await trial.claim(scheduled);
      expect(await trial.store.appendLog(second.owner, "three\n")).toBe("ok");
      const text = "one\nzwei: grüß\0dich\r\n\nthree\n";
      expect(await readAll(trial, owner.id)).toMatchObject({ text, next: Buffer.byteLength(text) });
      expect(await trial.ops(owner.id)).toEqual(["add", "ack", "requeue", "ack"]);
    },
  },
  {
    title: "[LOG-1] reads a log from any place on, in pieces of whole characters",
    async verify(trial) {
      const { owner } = await trial.run();
      const text = "aä€😀".repeat(20);
      await trial.store.appendLog(owner, text);
      for (const limitBytes of [1, 4, 5, 6, 7, 64, 1_000]) {
        const pieces: string[] = [];
        for (let from = 0; ; ) {
          const page = await trial.store.readLog(owner.id, { from, limitBytes });
          expect(Buffer.byteLength(page.text)).toBeLessThanOrEqual(Math.max(4, limitBytes));
          expect(page.next).toBe(from + Buffer.byteLength(page.text));
          if (page.text === "") break;
          pieces.push(page.text);
          from = page.next;
        }
        expect(pieces.join("")).toBe(text);
      }
      // In the middle of a character it begins with the next one.
      expect(await trial.store.readLog(owner.id, { from: 2, limitBytes: 4 })).toMatchObject({ text: "€", next: 6 });
      const end = Buffer.byteLength(text);
      expect(await trial.store.readLog(owner.id, { from: 9_999, limitBytes: 4 })).toMatchObject({
        text: "",
        next: end,
      });
    },
  },
  {
    title: "[LOG-2] takes so many bytes and then a line that says so, and nothing more",
    async verify(trial) {
      const { owner, ...scheduled } = await trial.run();
      // Characters of three bytes each, one of which would go beyond the limit in part.
      const most = "€".repeat(Math.floor(maxLogBytes / 3));
      expect(await trial.store.appendLog(owner, most)).toBe("ok");
      expect(await trial.store.appendLog(owner, "€ beyond")).toBe("full");
      const { text, next } = await readAll(trial, owner.id);
      expect(text === most + logCutMark).toBe(true);
      expect(await trial.store.appendLog(owner, "more")).toBe("full");
      await trial.store.release(owner, { cause: "hand_over", delayMs: 0 });
      const second = await trial.claim(scheduled);
      expect(await trial.store.appendLog(second.owner, "more")).toBe("full");
      expect((await readAll(trial, owner.id)).next).toBe(next);
    },
  },
  {
    title: "[LOG-2] cuts no log that is just as long as it may be",
    async verify(trial) {
      const { owner } = await trial.run();
      const most = "x".repeat(maxLogBytes);
      expect(await trial.store.appendLog(owner, most)).toBe("ok");
      expect((await readAll(trial, owner.id)).text === most).toBe(true);
      expect(await trial.store.appendLog(owner, "y")).toBe("full");
      expect((await readAll(trial, owner.id)).text === most + logCutMark).toBe(true);
    },
  },
  {
    title: "[LOG-3] adds to a log what the owner of the task says, and nobody else",
    async verify(trial) {
      const { owner, ...scheduled } = await trial.run();
      expect(await trial.store.appendLog({ ...owner, token: randomUUID() }, "wrong token")).toBe("stale");
      await trial.store.release(owner, { cause: "give_back", delayMs: 0 });
      expect(await trial.store.appendLog(owner, "released")).toBe("stale");
      const second = await trial.claim(scheduled);
      expect(await trial.store.appendLog({ ...second.owner, attempt: 1 }, "wrong attempt")).toBe("stale");
      await trial.store.finish(second.owner, { outcome: "complete" });
      expect(await trial.store.appendLog(second.owner, "done")).toBe("gone");
      expect(await trial.store.appendLog(owner, "done before")).toBe("stale");
      expect((await readAll(trial, owner.id)).text).toBe("");
    },
  },
  {
    title: "[LOG-3] has an owner write a task back that is lost before he adds to its log",
    async verify(trial) {
      const task = await trial.run();
      await trial.store.appendLog(task.owner, "before\n");
      await trial.wipe();
      await trial.leaveGap();
      expect(await trial.store.appendLog(task.owner, "lost\n")).toBe("lost");
      expect(await trial.store.readLog(task.id, { from: 7, limitBytes: 9 })).toMatchObject({
        text: "",
        isKnown: false,
      });
      await trial.store.restore(trial.copyOf(task));
      expect(await trial.store.appendLog(task.owner, "after\n")).toBe("ok");
      expect((await readAll(trial, task.id)).text).toBe("after\n");
    },
  },
  {
    title: "[LOG-4] keeps a log as long as the task is known, and no longer",
    async verify(trial) {
      const retentionMs = trial.stepMs + trial.ampleMs;
      const { owner, request } = await trial.run({}, { retentionMs });
      await trial.store.appendLog(owner, "said\n");
      await trial.store.finish(owner, { outcome: "complete" });
      await trial.advance(trial.stepMs);
      expect((await readAll(trial, owner.id)).text).toBe("said\n");
      await trial.advance(trial.ampleMs);
      expect(await readAll(trial, owner.id)).toEqual({ text: "", next: 0, isEnded: true, isKnown: false });
      expect(await trial.store.schedule(request)).toMatchObject({ answer: "scheduled" });
      expect(await readAll(trial, owner.id)).toEqual({ text: "", next: 0, isEnded: false, isKnown: true });
    },
  },
  {
    title: "[LOG-5] tells who reads a log when nothing more will come",
    async verify(trial) {
      expect(await readAll(trial, randomUUID())).toEqual({ text: "", next: 0, isEnded: true, isKnown: false });
      const { owner } = await trial.run();
      await trial.store.appendLog(owner, "one two\n");
      expect(await readAll(trial, owner.id)).toMatchObject({ isEnded: false, isKnown: true });
      await trial.store.finish(owner, { outcome: "complete" });
      const first = await trial.store.readLog(owner.id, { from: 0, limitBytes: 4 });
      expect(first).toEqual({ text: "one ", next: 4, isEnded: false, isKnown: true });
      const rest = await trial.store.readLog(owner.id, { from: 4, limitBytes: 4 });
      expect(rest).toEqual({ text: "two\n", next: 8, isEnded: true, isKnown: true });
      const silent = await trial.run();
      await trial.store.abort(silent.id, {});
      await trial.store.finish(silent.owner, { outcome: "complete" });
      expect(await readAll(trial, silent.id)).toEqual({ text: "", next: 0, isEnded: true, isKnown: true });
    },
  },
  {
    title: "[LOG-6] tells who goes on with the work of an earlier owner until when its log has what that says",
    async verify(trial) {
      const { owner, ...scheduled } = await trial.run();
      await trial.store.attach(owner, handle);
      expect(await trial.store.appendLog(owner, "one\n", 1_700_000_000_001)).toBe("ok");
      expect(await trial.store.appendLog(owner, "two\n", 1_700_000_000_999)).toBe("ok");
      // Of this it is not known.
      expect(await trial.store.appendLog(owner, "three\n")).toBe("ok");
      await trial.store.release(owner, { cause: "hand_over", delayMs: 0 });
      const second = await trial.claim(scheduled);
      expect(second.granted).toMatchObject({ run: 1, handle, loggedAt: 1_700_000_000_999 });
      expect(await trial.store.claim(second.claim)).toMatchObject({ loggedAt: 1_700_000_000_999 });
      expect(await trial.store.currentRun(owner.id)).toEqual({ answer: "lives", run: 1, handle });
      expect(await trial.store.appendLog(second.owner, "four\n", 1_700_000_000_000)).toBe("ok");
      await trial.store.release(second.owner, { cause: "hand_over", delayMs: 0 });
      const third = await trial.claim(scheduled);
      expect(third.granted.handle).toEqual(handle);
      expect(third.granted.loggedAt).toBe(1_700_000_000_000);
      expect((await readAll(trial, owner.id)).text).toBe("one\ntwo\nthree\nfour\n");
    },
  },
  {
    title: "[LOG-6] tells the same to who goes on with the work of an owner that has vanished",
    async verify(trial) {
      const { owner, ...scheduled } = await trial.run({ leaseMs: trial.stepMs });
      await trial.store.attach(owner, handle);
      await trial.store.appendLog(owner, "one\n", 7);
      await trial.advance(trial.stepMs);
      expect((await trial.claim(scheduled)).granted).toMatchObject({ run: 1, handle, loggedAt: 7 });
    },
  },
  {
    title: "[LOG-6] knows that of no work but the one that the handle finds",
    async verify(trial) {
      const { owner, ...scheduled } = await trial.run();
      await trial.store.appendLog(owner, "before the handle\n", 1);
      await trial.store.attach(owner, handle);
      await trial.store.release(owner, { cause: "hand_over", delayMs: 0 });
      const second = await trial.claim(scheduled);
      expect(second.granted).not.toHaveProperty("loggedAt");
      await trial.store.appendLog(second.owner, "said\n", 2);
      await trial.store.release(second.owner, { cause: "give_back", delayMs: 0 });
      const third = await trial.claim(scheduled);
      expect(third.granted).toMatchObject({ run: 2 });
      expect(third.granted).not.toHaveProperty("loggedAt");
      await trial.store.attach(third.owner, handle);
      await trial.store.release(third.owner, { cause: "hand_over", delayMs: 0 });
      expect((await trial.claim(scheduled)).granted).not.toHaveProperty("loggedAt");
    },
  },
  {
    title: "[LOG-6] does not count what a log has not taken",
    async verify(trial) {
      const { owner, ...scheduled } = await trial.run();
      await trial.store.attach(owner, handle);
      await trial.store.appendLog(owner, "one\n", 1);
      expect(await trial.store.appendLog({ ...owner, token: randomUUID() }, "wrong token", 2)).toBe("stale");
      expect(await trial.store.appendLog(owner, "x".repeat(maxLogBytes), 3)).toBe("full");
      await trial.store.release(owner, { cause: "hand_over", delayMs: 0 });
      expect((await trial.claim(scheduled)).granted).toMatchObject({ handle, loggedAt: 1 });
    },
  },
  {
    title: "[LOG-6] has it begin anew when the store has lost the task, and with it the log",
    async verify(trial) {
      const task = await trial.run();
      await trial.store.attach(task.owner, handle);
      await trial.store.appendLog(task.owner, "before\n", 1);
      await trial.wipe();
      await trial.leaveGap();
      await trial.store.restore(trial.copyOf(task, { handle }));
      await trial.store.release(task.owner, { cause: "hand_over", delayMs: 0 });
      const second = await trial.claim(task);
      expect(second.granted.handle).toEqual(handle);
      expect(second.granted).not.toHaveProperty("loggedAt");
    },
  },
];

function readAll(trial: Trial, id: string): Promise<LogPage> {
  return trial.store.readLog(id, { from: 0, limitBytes: 2 * maxLogBytes });
}
