import { ManualClock } from "@mayfly/service/testing";
import { describe, expect, it } from "vitest";
import type { WatchEvent } from "./api-client.ts";
import { ClusterTrial } from "./cluster-trial.ts";

const suspended = { spec: { suspend: true } };
const merge = "application/merge-patch+json";

/** The next events of a watch. */
async function take(events: AsyncGenerator<WatchEvent>, count: number): Promise<readonly WatchEvent[]> {
  const taken: WatchEvent[] = [];
  while (taken.length < count) {
    const { value, done } = await events.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}

const brief = ({ type, object }: WatchEvent): string => `${type} ${object.metadata.name}`;

// https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
describe("[OPS-3] watches of the Kubernetes for tests", () => {
  it("begin with what is there, or after the version that they are given", async () => {
    await using trial = await ClusterTrial.open();
    const { client } = trial;
    await trial.create({ ...suspended, name: "a" });
    const { body } = await client.ask("GET", client.jobs);
    await trial.create({ ...suspended, name: "b" });

    const all = await take(client.watch(client.jobs, ""), 2);
    expect(all.map(brief)).toEqual(["ADDED a", "ADDED b"]);
    const from = `resourceVersion=${body.metadata.resourceVersion}`;
    const missed = await take(client.watch(client.jobs, `${from}&fieldSelector=metadata.name=b`), 1);
    expect(missed.map(brief)).toEqual(["ADDED b"]);
    // Each change has a version of its own, also a deletion.
    const later = client.watch(client.jobs, `resourceVersion=${missed[0]?.object.metadata.resourceVersion}`);
    trial.cluster.deleteJob("b");
    const events: WatchEvent[] = [];
    for await (const event of later) if (events.push(event) > 0 && event.type === "DELETED") break;
    expect(events.map(brief).at(-1)).toBe("DELETED b");
    const versions = events.map(({ object }) => Number(object.metadata.resourceVersion));
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  });

  it("see what leaves their selection as deleted, and what enters it as added", async () => {
    await using trial = await ClusterTrial.open();
    const { client } = trial;
    await trial.create({ ...suspended, labels: { on: "1" } });
    const events = client.watch(client.jobs, "labelSelector=on=1");
    expect((await take(events, 1)).map(brief)).toEqual(["ADDED a"]);
    const label = (on: string) => client.ask("PATCH", `${client.jobs}/a`, { metadata: { labels: { on } } }, merge);
    await label("0");
    await label("2");
    await label("1");
    const rest: string[] = [];
    for await (const event of events) if (rest.push(brief(event)) > 0 && event.type === "ADDED") break;
    expect(rest.filter((event) => event !== "MODIFIED a")).toEqual(["DELETED a", "ADDED a"]);
  });

  it("end after their time, with a bookmark if they allow one", async () => {
    const clock = new ManualClock();
    await using trial = await ClusterTrial.open({ clock });
    const { client, cluster } = trial;
    const events = client.watch(client.jobs, "timeoutSeconds=5&allowWatchBookmarks=true&resourceVersion=0");
    await trial.create(suspended);
    await take(events, 1);
    cluster.sendBookmarks();
    let bookmark: WatchEvent | undefined;
    for await (const event of events) {
      if (event.type !== "BOOKMARK") continue;
      bookmark ??= event;
      if (bookmark === event) await clock.advance(5_000);
    }
    expect(bookmark?.object.kind).toBe("Job");
    expect(Number(bookmark?.object.metadata.resourceVersion)).toBeGreaterThanOrEqual(
      Number(trial.job?.metadata.resourceVersion),
    );
    expect(cluster.watches).toBe(0);
  });

  it("get 410 when what they missed is forgotten, in both forms", async () => {
    await using trial = await ClusterTrial.open();
    const { client, cluster } = trial;
    const { body } = await client.ask("GET", client.jobs);
    const from = `resourceVersion=${body.metadata.resourceVersion}`;

    cluster.expireResourceVersions("event");
    const events = await take(client.watch(client.jobs, from), 9);
    expect(events).toMatchObject([{ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } }]);
    cluster.expireResourceVersions("status");
    expect(await client.ask("GET", `${client.jobs}?watch=1&${from}`)).toMatchObject({ code: 410 });
    // A new list shows from where to go on.
    const { body: list } = await client.ask("GET", client.jobs);
    const next = client.watch(client.jobs, `resourceVersion=${list.metadata.resourceVersion}`);
    await trial.create(suspended);
    expect((await take(next, 1)).map(brief)).toEqual(["ADDED a"]);
  });

  it("break when they are dropped, and when the server goes away", async () => {
    await using trial = await ClusterTrial.open();
    const { client, cluster } = trial;
    await trial.create(suspended);
    for (const cut of [async () => cluster.dropWatches(), async () => await cluster.goAway()]) {
      const events = client.watch(client.jobs, "");
      await take(events, 1);
      await cut();
      await expect(take(events, 9)).rejects.toThrow("terminated");
    }
    await expect(client.ask("GET", client.jobs)).rejects.toThrow("fetch failed");
    await cluster.comeBack();
    expect(await client.ask("GET", `${client.jobs}/a`)).toMatchObject({ code: 200 });
  });
});
