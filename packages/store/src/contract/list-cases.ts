import type { TaskView } from "@mayfly/task";
import { expect } from "vitest";
import type { ListRequest } from "../task-store.ts";
import type { ContractCase } from "./contract-case.ts";
import type { Trial } from "./trial.ts";

/** What holds for lists and counts of live tasks. */
export const listCases: readonly ContractCase[] = [
  {
    title: "[STORE-26] lists live tasks as they stand, without their attributes, newest first",
    async verify(trial) {
      const ids: string[] = [];
      for (let index = 0; index < 4; index++) {
        ids.unshift((await trial.schedule({ task: { attributes: { index } } })).id);
        await trial.advance(2);
      }
      const { owner, ...scheduled } = await trial.run();
      await trial.store.finish(owner, { outcome: "complete" });
      const { tasks, cursor } = await trial.store.list({ limit: 10 });
      expect(tasks.map(({ id }) => id)).toEqual(ids);
      expect(cursor).toBeUndefined();
      for (const task of tasks) {
        const { attributes, ...view } = await trial.find(task.id);
        expect(attributes).toBeDefined();
        expect(task).toStrictEqual(view);
      }
      expect(await trial.find(scheduled.id)).toMatchObject({ state: "done" });
    },
  },
  {
    title: "[STORE-26] lists by scheduler, by state, and by both",
    async verify(trial) {
      const task = { scheduler: "other" };
      const waiting = [await trial.schedule(), await trial.schedule({ task })] as const;
      const running = [await trial.run(), await trial.run({}, { task })] as const;
      const aborting = [await trial.run(), await trial.run({}, { task })] as const;
      for (const { id } of aborting) await trial.store.abort(id, {});
      const expected: [Omit<ListRequest, "limit">, readonly { id: string }[]][] = [
        [{}, [...waiting, ...running, ...aborting]],
        [{ scheduler: "other" }, [waiting[1], running[1], aborting[1]]],
        [{ state: "scheduled" }, waiting],
        [{ state: "running" }, running],
        [{ state: "aborting" }, aborting],
        [{ scheduler: "other", state: "running" }, [running[1]]],
        [{ scheduler: "hello", state: "scheduled" }, [waiting[0]]],
        [{ scheduler: "hello", state: "aborting" }, [aborting[0]]],
        [{ scheduler: "nobody" }, []],
      ];
      for (const [filter, tasks] of expected) {
        for (const limit of [1, 100]) {
          const listed = await listAll(trial, { ...filter, limit });
          expect({ filter, ids: idsOf(listed) }).toEqual({ filter, ids: idsOf(tasks) });
        }
      }
    },
  },
  {
    title: "[STORE-26] lists in pages, in the same order, each task once, though others come and go meanwhile",
    async verify(trial) {
      const scheduled = await Promise.all(Array.from({ length: 23 }, () => trial.schedule()));
      const whole = (await trial.store.list({ limit: 500 })).tasks;
      expect(whole).toHaveLength(23);
      expect(await listAll(trial, { limit: 5 })).toEqual(whole);
      expect(await listAll(trial, { limit: 23 })).toEqual(whole);

      const first = await trial.store.list({ limit: 5 });
      const shown = first.tasks.map(({ id }) => id);
      await trial.advance(2);
      await trial.schedule();
      await trial.store.abort(shown[4] ?? "", {});
      await trial.store.abort(whole[9]?.id ?? "", {});
      const rest = await listAll(trial, { limit: 5, cursor: first.cursor });
      const ids = [...shown, ...rest.map(({ id }) => id)];
      const lived = scheduled.map(({ id }) => id).filter((id) => id !== whole[9]?.id);
      expect(ids.sort()).toEqual(lived.sort());
    },
  },
  {
    title: "[STORE-26] refuses a cursor that no page had",
    async verify(trial) {
      await trial.schedule();
      for (const cursor of ["", "x", "MTIz", "☃", "eyJhIjoxfQ", "0"]) {
        const code = "invalid_cursor";
        await expect(trial.store.list({ limit: 5, cursor })).rejects.toMatchObject({
          name: "StoreError",
          code,
        });
      }
    },
  },
  {
    title: "[STORE-27] counts the live tasks of a scheduler, those that are aborting with the running ones",
    async verify(trial) {
      const { store } = trial;
      expect(await store.count("hello")).toEqual({ scheduled: 0, running: 0 });
      await trial.schedule({ task: { scheduler: "other" } });
      await trial.schedule();
      const later = await trial.schedule({ notBefore: trial.now() + trial.longMs });
      const [first, second, third] = [await trial.run(), await trial.run(), await trial.run()];
      expect(await store.count("hello")).toEqual({ scheduled: 2, running: 3 });
      await store.abort(first.id, {});
      expect(await store.count("hello")).toEqual({ scheduled: 2, running: 3 });
      await store.abort(later.id, {});
      await store.finish(first.owner, { outcome: "complete" });
      await store.release(second.owner, { cause: "give_back", delayMs: 0 });
      await store.finish(third.owner, { outcome: "complete" });
      expect(await store.count("hello")).toEqual({ scheduled: 2, running: 0 });
      expect(await store.count("other")).toEqual({ scheduled: 1, running: 0 });
    },
  },
];

function idsOf(tasks: readonly { readonly id: string }[]): string[] {
  return tasks.map(({ id }) => id).sort();
}

async function listAll(trial: Trial, request: ListRequest): Promise<TaskView[]> {
  const tasks: TaskView[] = [];
  let cursor = request.cursor;
  do {
    const page = await trial.store.list({ ...request, cursor });
    expect(page.tasks.length).toBeLessThanOrEqual(request.limit);
    tasks.push(...page.tasks);
    if (page.cursor !== undefined) expect(page.cursor).not.toBe(cursor);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return tasks;
}
