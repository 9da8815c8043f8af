import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { logCutMark, type LogPage, maxLogBytes } from "../log.ts";
import type { ContractCase } from "./contract-case.ts";
import type { Trial } from "./trial.ts";

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
      const retentionMs = 2 * trial.stepMs;
      const { owner, request } = await trial.run({}, { retentionMs });
      await trial.store.appendLog(owner, "said\n");
      await trial.store.finish(owner, { outcome: "complete" });
      await trial.advance(trial.stepMs);
      expect((await readAll(trial, owner.id)).text).toBe("said\n");
      await trial.advance(trial.stepMs);
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
];

function readAll(trial: Trial, id: string): Promise<LogPage> {
  return trial.store.readLog(id, { from: 0, limitBytes: 2 * maxLogBytes });
}
