import type { Instance } from "@mayfly/task";
import { expect } from "vitest";
import type { ContractCase } from "./contract-case.ts";
import type { Trial } from "./trial.ts";

/** What holds for schedulers and their instances. */
export const schedulerCases: readonly ContractCase[] = [
  {
    title: "[STORE-28] keeps a registration: given members replace, others stay",
    async verify(trial) {
      const { store } = trial;
      expect(await store.findRegistration("hello")).toBeUndefined();
      const first = { description: "Says hello.", attributesSchema: { type: "object", required: [], minimum: 1e30 } };
      expect(await store.register("hello", first)).toEqual({ created: true, registration: first });
      expect(await store.register("hello", { maxTasks: 5 })).toEqual({
        created: false,
        registration: { ...first, maxTasks: 5 },
      });
      const registration = { ...first, description: "Grüßt.", maxTasks: 5 };
      const again = await store.register("hello", { description: "Grüßt.", maxTasks: undefined });
      expect(again).toEqual({ created: false, registration });
      expect(await store.findRegistration("hello")).toEqual(registration);
      expect(await store.register("bye", {})).toEqual({ created: true, registration: {} });
      expect(await store.findRegistration("bye")).toEqual({});
      expect(await store.schedulers()).toEqual(["bye", "hello"]);
    },
  },
  {
    title: "[STORE-28] removes a registration unless tasks or instances of it live",
    async verify(trial) {
      const { store } = trial;
      expect(await store.deregister("hello")).toBe("unknown");
      await store.register("hello", {});
      const { owner } = await trial.run();
      expect(await store.deregister("hello")).toBe("busy");
      await store.finish(owner, { outcome: "complete" });
      const waiting = await trial.schedule();
      expect(await store.deregister("hello")).toBe("busy");
      await store.abort(waiting.id, {});
      await store.beat("hello", anInstance(trial), { ttlMs: trial.longMs });
      expect(await store.deregister("hello")).toBe("busy");
      expect(await store.schedulers()).toEqual(["hello"]);
      await store.leave("hello", anInstance(trial).id);
      expect(await store.deregister("hello")).toBe("removed");
      expect(await store.deregister("hello")).toBe("unknown");
      expect(await store.findRegistration("hello")).toBeUndefined();
      expect(await store.schedulers()).toEqual([]);
    },
  },
  {
    title: "[STORE-29] shows the instances that live, oldest first, as they said last",
    async verify(trial) {
      const { store } = trial;
      expect(await store.instances("hello")).toEqual([]);
      const younger = anInstance(trial, { id: "hello@a:1:aaaaaa", startedAt: trial.instant(-1_000) });
      const older = anInstance(trial, { id: "hello@b:2:bbbbbb", startedAt: trial.instant(-2_000) });
      await store.beat("hello", younger, { ttlMs: trial.longMs });
      await store.beat("hello", older, { ttlMs: trial.longMs });
      await store.beat("hello", { ...younger, running: 3, state: "draining" }, { ttlMs: trial.longMs });
      await store.beat("other", anInstance(trial, { id: "other@c:3:cccccc" }), { ttlMs: trial.longMs });
      const seenAt = expect.any(String) as string;
      const instances = await store.instances("hello");
      expect(instances).toStrictEqual([
        { ...older, seenAt },
        { ...younger, running: 3, state: "draining", seenAt },
      ]);
      for (const instance of instances) {
        expect(Math.abs(Date.parse(instance.seenAt) - trial.now())).toBeLessThan(5_000);
      }
      await store.leave("hello", older.id);
      await store.leave("hello", "hello@nobody:1:zzzzzz");
      await store.leave("nobody", older.id);
      expect((await store.instances("hello")).map(({ id }) => id)).toEqual([younger.id]);
    },
  },
  {
    title: "[STORE-73] shows in which scope the work of an instance can be found again, if it says so",
    async verify(trial) {
      const { store } = trial;
      await store.beat("hello", anInstance(trial, { runtime: "docker", scope: "host-1" }), { ttlMs: trial.longMs });
      expect(await store.instances("hello")).toMatchObject([{ runtime: "docker", scope: "host-1" }]);
      await store.beat("hello", anInstance(trial), { ttlMs: trial.longMs });
      expect((await store.instances("hello"))[0]).not.toHaveProperty("scope");
    },
  },
  {
    title: "[STORE-29] forgets an instance that has not been heard of for its time",
    async verify(trial) {
      const { store } = trial;
      const [first, second] = [anInstance(trial, { id: "first" }), anInstance(trial, { id: "second" })];
      await store.beat("hello", first, { ttlMs: trial.stepMs });
      await store.beat("hello", second, { ttlMs: trial.longMs });
      await trial.advance(trial.stepMs);
      expect((await store.instances("hello")).map(({ id }) => id)).toEqual(["second"]);
      await store.beat("hello", first, { ttlMs: trial.longMs });
      expect((await store.instances("hello")).map(({ id }) => id).sort()).toEqual(["first", "second"]);
    },
  },
  {
    title: "[STORE-29] stores the registration of an instance's scheduler if it is missing, and else leaves it",
    async verify(trial) {
      const { store } = trial;
      await store.beat("hello", anInstance(trial), { ttlMs: trial.longMs });
      expect(await store.schedulers()).toEqual(["hello"]);
      expect(await store.findRegistration("hello")).toEqual({});
      expect(await store.register("hello", { maxTasks: 2 })).toEqual({ created: false, registration: { maxTasks: 2 } });
      await store.beat("hello", anInstance(trial), { ttlMs: trial.longMs });
      expect(await store.findRegistration("hello")).toEqual({ maxTasks: 2 });
    },
  },
  {
    title: "[STORE-54] stores the registration that a beat carries if it is missing, and else leaves what is there",
    async verify(trial) {
      const { store } = trial;
      const registration = { description: "Grüßt.", attributesSchema: { type: "object", required: [], minimum: 1e30 } };
      await store.beat("hello", anInstance(trial), { ttlMs: trial.longMs, registration });
      expect(await store.findRegistration("hello")).toEqual(registration);
      await store.register("hello", { maxTasks: 2 });
      await store.beat("hello", anInstance(trial), { ttlMs: trial.longMs, registration: { description: "Other." } });
      expect(await store.findRegistration("hello")).toEqual({ ...registration, maxTasks: 2 });

      await trial.wipe();
      expect(await store.findRegistration("hello")).toBeUndefined();
      await store.beat("hello", anInstance(trial), { ttlMs: trial.longMs, registration });
      expect(await store.findRegistration("hello")).toEqual(registration);
      expect(await store.schedulers()).toEqual(["hello"]);
      expect((await store.instances("hello")).map(({ id }) => id)).toEqual([anInstance(trial).id]);
    },
  },
];

function anInstance(trial: Trial, overrides: Partial<Instance> = {}): Omit<Instance, "seenAt"> {
  return {
    id: "hello@host:1:aaaaaa",
    runtime: "inline",
    concurrency: 8,
    running: 0,
    state: "active",
    startedAt: trial.instant(-5_000),
    ...overrides,
  };
}
