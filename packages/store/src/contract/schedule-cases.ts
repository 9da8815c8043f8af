import { aTask } from "@mayfly/task/testing";
import { expect } from "vitest";
import { contentHash } from "../content-hash.ts";
import type { ContractCase } from "./contract-case.ts";

/** What holds when a task is accepted or refused. */
export const scheduleCases: readonly ContractCase[] = [
  {
    title: "[STORE-1] accepts a task, and answers with it and with what is to be announced",
    async verify(trial) {
      const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
      const before = trial.now();
      const { id, task, request, announcement, view, dueInMs } = await trial.schedule({
        task: { attributes: { a: 1 } },
        traceparent,
      });
      const { scheduledAt } = announcement;
      const { body, announceToken: token } = request;
      expect(announcement).toEqual({ id, scheduler: "hello", body, token, scheduledAt, attempt: 0, traceparent });
      expect(view).toStrictEqual({ ...task, state: "scheduled", scheduledAt: new Date(scheduledAt).toISOString() });
      expect(Math.abs(scheduledAt - before)).toBeLessThan(5_000);
      expect(dueInMs).toBe(0);
      expect(await trial.store.find(id)).toStrictEqual(view);
      expect(await trial.ops(id)).toEqual(["add"]);
    },
  },
  {
    title: "[STORE-1] knows nothing of a task that was never scheduled",
    async verify(trial) {
      await trial.schedule();
      expect(await trial.store.find(aTask().id)).toBeUndefined();
    },
  },
  {
    title: "[STORE-2] answers a repeat with the task that is there, and changes nothing",
    async verify(trial) {
      const { id, request, task, view } = await trial.schedule({ task: { attributes: { a: 1, b: [2] } } });
      const again = trial.request({ task: { ...task, attributes: { b: [2], a: 1 } } });
      expect(await trial.store.schedule(request)).toEqual({ answer: "exists", view });
      expect(await trial.store.schedule(again)).toEqual({ answer: "exists", view });
      expect(await trial.store.find(id)).toEqual(view);
      expect(await trial.ops(id)).toEqual(["add"]);
      expect(await trial.store.count("hello")).toEqual({ scheduled: 1, running: 0 });
    },
  },
  {
    title: "[STORE-2] answers a repeat also while the task runs, and does not make it wait again",
    async verify(trial) {
      const { id, request } = await trial.run();
      const answer = await trial.store.schedule(request);
      expect(answer).toEqual({ answer: "exists", view: await trial.find(id) });
      expect(await trial.find(id)).toMatchObject({ state: "running", attempt: 1 });
    },
  },
  {
    title: "[STORE-2] answers a repeat also once the task is done, even after its timeout",
    async verify(trial) {
      const running = await trial.run({}, { task: { timeout: trial.instant(trial.ampleMs) } });
      await trial.store.finish(running.owner, { outcome: "complete", result: 7 });
      const done = await trial.find(running.id);
      expect(await trial.store.schedule(running.request)).toEqual({ answer: "exists", view: done });
      await trial.advance(trial.ampleMs);
      expect(await trial.store.schedule(running.request)).toEqual({ answer: "exists", view: done });
      expect(await trial.ops(running.id)).toHaveLength(3);
    },
  },
  {
    title: "[STORE-2] refuses other content under the id of a task, alive or done",
    async verify(trial) {
      const { id, task, announcement, view, ...rest } = await trial.schedule({ task: { attributes: { a: [] } } });
      const others = [
        { ...task, attributes: { a: {} } },
        { ...task, attributes: { a: [], b: 0 } },
        { ...task, scheduler: "other" },
        { ...task, timeout: trial.instant(trial.longMs / 2) },
      ].map((other) => trial.request({ task: other }));
      for (const other of others) expect(await trial.store.schedule(other)).toEqual({ answer: "conflict" });
      expect(await trial.store.find(id)).toEqual(view);

      const running = await trial.claim({ id, task, announcement, view, ...rest });
      await trial.store.finish(running.owner, { outcome: "complete" });
      for (const other of others) expect(await trial.store.schedule(other)).toEqual({ answer: "conflict" });
      expect(await trial.ops(id)).toEqual(["add", "ack", "complete"]);
    },
  },
  {
    title: "[STORE-2] does not compare a timeout that nobody has given",
    async verify(trial) {
      const { task, view } = await trial.schedule();
      const again = trial.request({
        task: { ...task, timeout: trial.instant(trial.longMs / 2) },
        timeoutGiven: false,
      });
      expect(await trial.store.schedule(again)).toEqual({ answer: "exists", view });
    },
  },
  {
    title: "[STORE-2] takes another notBefore for a conflict while it lies ahead, alive or done; a past one is none",
    async verify(trial) {
      const soon = trial.now() + 2 * trial.ampleMs;
      const request = trial.request({ notBefore: soon });
      const answerTo = async (notBefore: number | undefined): Promise<string> =>
        (await trial.store.schedule({ ...request, notBefore })).answer;
      expect(await answerTo(soon)).toBe("scheduled");
      const others = [undefined, soon, trial.now() - 1, soon + 60_000];
      const answers = ["exists", "exists", "exists", "conflict"];
      for (const [at, notBefore] of others.entries()) expect(await answerTo(notBefore)).toBe(answers[at]);
      await trial.store.abort(request.task.id, {});
      for (const [at, notBefore] of others.entries()) expect(await answerTo(notBefore)).toBe(answers[at]);
      await trial.advance(2 * trial.ampleMs + 10);
      expect(await answerTo(soon)).toBe("exists");
    },
  },
  {
    title: "[STORE-3] refuses a timeout that has come or is too far ahead, and stores nothing then",
    async verify(trial) {
      const past = trial.request({ task: { timeout: trial.instant(-5_000) } });
      const far = trial.request({ task: { timeout: trial.instant(trial.longMs) }, maxTimeoutMs: trial.longMs / 2 });
      expect(await trial.store.schedule(past)).toEqual({ answer: "timeout_passed" });
      expect(await trial.store.schedule(far)).toEqual({ answer: "timeout_too_far" });
      for (const { task } of [past, far]) {
        expect(await trial.store.find(task.id)).toBeUndefined();
        expect(await trial.store.abort(task.id, {})).toEqual({ answer: "unknown" });
      }
      expect(await trial.events()).toEqual([]);
      expect(await trial.store.count("hello")).toEqual({ scheduled: 0, running: 0 });
    },
  },
  {
    title: "[STORE-4] keeps the bytes of the task: empty lists, numbers, names, all of Unicode, line breaks",
    async verify(trial) {
      const { id, scheduler, timeout } = aTask({ timeout: trial.instant(trial.longMs) });
      const attributes =
        '{"list":[],"object":{},"big":12345678901234567890,"small":1e-7,"zero":-0.0,"10":1,"2":2,"":null,' +
        '"text":"\\u0000\\n ü \u2028 \ud83e\udd8b \\ud800 \\/ </script>","deep":[[[[{}]]]] , "spaces" : 1}';
      const body = `{"timeout":"${timeout}",\n"attributes":${attributes},"scheduler":"${scheduler}","id":"${id}"}`;
      const scheduled = await trial.schedule({ task: JSON.parse(body) as object, body });
      expect(scheduled.announcement.body).toBe(body);

      const running = await trial.claim(scheduled);
      await trial.store.attach(running.owner, { runtime: "inline", handle: {} });
      await trial.store.progress(running.owner, '{"a":[]}');
      await trial.store.heartbeat([running.owner]);
      expect((await trial.find(id)).attributes).toEqual(JSON.parse(attributes));
      await trial.store.release(running.owner, { cause: "give_back", delayMs: 0 });
      const announced = await trial.due();
      expect(announced.map((announcement) => announcement.body)).toEqual([body]);
      expect((await trial.find(id)).attributes).toEqual(JSON.parse(attributes));
    },
  },
  {
    title: "[STORE-4] gives a claimer the stored task when another one was announced",
    async verify(trial) {
      const scheduled = await trial.schedule({ task: { attributes: { list: [], n: 1 } } });
      const announced = { ...scheduled.task, attributes: { n: 2 } };
      const { granted } = await trial.claim(scheduled, { contentHash: contentHash(announced) });
      expect(granted.task).toEqual(scheduled.task);

      const other = await trial.schedule();
      const early = await trial.claim(other, { timeout: Date.parse(other.task.timeout) - 1 });
      expect(early.granted.task).toEqual(other.task);
    },
  },
  {
    title: "[STORE-1] is not changed by what callers do with their objects afterwards",
    async verify(trial) {
      const attributes = { list: [1] };
      const { id, owner, view } = await trial.run({}, { task: { attributes } });
      attributes.list.push(2);
      (view.attributes as typeof attributes).list.push(3);
      expect((await trial.find(id)).attributes).toEqual({ list: [1] });
      const result = { list: [1] };
      await trial.store.finish(owner, { outcome: "complete", result });
      result.list.push(2);
      ((await trial.find(id)).result as typeof result).list.push(3);
      expect((await trial.find(id)).result).toEqual({ list: [1] });
    },
  },
  {
    title: "[STORE-5] remembers a done task for its retention time, and then nothing of it",
    async verify(trial) {
      const { id, owner, request } = await trial.run({}, { retentionMs: trial.stepMs });
      await trial.store.finish(owner, { outcome: "complete" });
      await trial.advance(trial.stepMs);
      expect(await trial.store.find(id)).toBeUndefined();
      expect(await trial.store.abort(id, {})).toEqual({ answer: "unknown" });
      expect(await trial.store.finish(owner, { outcome: "complete" })).toEqual({ answer: "gone" });
      expect(await trial.store.heartbeat([owner])).toEqual([{ answer: "gone" }]);
      expect(await trial.store.schedule(request)).toMatchObject({ answer: "scheduled", view: { state: "scheduled" } });
    },
  },
];
