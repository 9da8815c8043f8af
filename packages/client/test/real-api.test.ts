import { Dispatcher } from "@mayfly/dispatcher";
import { createHttpService } from "@mayfly/http-server";
import { InMemoryQueue } from "@mayfly/queue";
import { InMemoryStore } from "@mayfly/store";
import { describe, expect, it } from "vitest";
import { type LogPiece, MayflyClient } from "../src/index.ts";

describe("MayflyClient against the API", () => {
  it("[CLIENT-3] [CLIENT-5] [CLIENT-6] [CLIENT-12] does everything that the API can", async () => {
    await using store = new InMemoryStore();
    await using queue = new InMemoryQueue();
    await store.open();
    await queue.open();
    const checks = { store: async () => true, broker: () => true };
    await using api = createHttpService({ dispatcher: new Dispatcher({ store, queue }), checks, port: 0 });
    await api.start();
    const client = new MayflyClient({ baseUrl: api.address?.url as string });

    expect(await client.findScheduler("hello")).toBeUndefined();
    expect(await client.register("hello", { description: "says hello" })).toMatchObject({ created: true });
    expect(await client.register("hello")).toMatchObject({ created: false, scheduler: { description: "says hello" } });
    expect(await client.schedulers()).toEqual([await client.findScheduler("hello")]);

    const attributes = { name: "Ada" };
    const { status, task } = await client.schedule({ scheduler: "hello", attributes });
    expect(status).toBe("scheduled");
    expect(await client.schedule({ scheduler: "hello", attributes, id: task.id })).toMatchObject({ status: "exists" });
    await expect(client.schedule({ scheduler: "hello", attributes: {}, id: task.id })).rejects.toMatchObject({
      code: "task_conflict",
      status: 409,
    });
    expect(await client.find(task.id)).toEqual(task);

    const results = await client.scheduleAll([
      { scheduler: "hello", attributes },
      { scheduler: "nobody", attributes },
    ]);
    expect(results).toMatchObject([{ status: 201 }, { status: 404, error: { code: "unknown_scheduler" } }]);
    const listed: string[] = [];
    for await (const { id } of client.listAll({ limit: 1 })) listed.push(id);
    expect(listed).toHaveLength(2);
    expect(listed).toContain(task.id);

    const waiting = client.wait(task.id);
    expect(await client.abort(task.id, { reason: "enough" })).toMatchObject({ answer: "ended" });
    expect(await waiting).toMatchObject({ state: "done", outcome: "aborted", reason: { message: "enough" } });
    const pieces: LogPiece[] = [];
    for await (const piece of client.logs(task.id, { follow: true })) pieces.push(piece);
    expect(pieces).toEqual([]);
    expect(await client.logText(task.id)).toBe("");
    expect(await client.logText(globalThis.crypto.randomUUID())).toBeUndefined();
    await expect(client.deregister("hello")).rejects.toMatchObject({ code: "scheduler_busy" });
  });
});
