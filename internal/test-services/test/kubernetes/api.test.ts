import { describe, expect, it } from "vitest";
import { aJob } from "./a-job.ts";
import { ApiClient } from "./api-client.ts";
import { ClusterTrial } from "./cluster-trial.ts";

const merge = "application/merge-patch+json";
const strategic = "application/strategic-merge-patch+json";
const jsonPatch = "application/json-patch+json";

// https://kubernetes.io/docs/reference/using-api/api-concepts/
// https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md
describe("[OPS-3] the API server of the Kubernetes for tests", () => {
  it("gives a new object what only the server can know, and the defaults", async () => {
    await using trial = await ClusterTrial.open();
    const { client } = trial;
    const { code, body } = await client.ask("POST", client.jobs, aJob({ spec: { suspend: true } }));

    expect(code).toBe(201);
    expect(body.metadata).toMatchObject({ name: "a", namespace: "mayfly", generation: 1 });
    expect(body.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(body.spec).toMatchObject({
      completions: 1,
      parallelism: 1,
      completionMode: "NonIndexed",
      podReplacementPolicy: "TerminatingOrFailed",
      selector: { matchLabels: { "batch.kubernetes.io/controller-uid": body.metadata.uid } },
      template: { spec: { dnsPolicy: "ClusterFirst", containers: [{ imagePullPolicy: "IfNotPresent" }] } },
    });
    const read = await client.ask("GET", `${client.jobs}/a`);
    expect(read.body.metadata.uid).toBe(body.metadata.uid);
    const named = await client.ask("POST", client.jobs, { ...aJob(), metadata: { generateName: "b-" } });
    expect(named.body.metadata.name).toMatch(/^b-[a-z0-9]{5}$/);
  });

  it("answers with a Status when it cannot do what is asked", async () => {
    await using trial = await ClusterTrial.open();
    const { client, cluster } = trial;
    await trial.create({ spec: { suspend: true } });
    const stranger = new ApiClient(cluster, "wrong");
    const elsewhere = "/apis/batch/v1/namespaces/other/jobs";
    const answers = [
      [await stranger.ask("GET", client.jobs), 401, "Unauthorized"],
      [await client.ask("GET", `${client.jobs}/none`), 404, "NotFound"],
      [await client.ask("GET", "/apis/apps/v1/namespaces/mayfly/deployments"), 404, "NotFound"],
      [await client.ask("POST", elsewhere, aJob()), 404, "NotFound"],
      [await client.ask("PUT", client.jobs, aJob()), 405, "MethodNotAllowed"],
      [await client.ask("POST", client.jobs, aJob()), 409, "AlreadyExists"],
      [await client.ask("POST", client.jobs, aJob(), "application/yaml"), 415, "UnsupportedMediaType"],
      [await client.ask("PATCH", `${client.jobs}/a`, {}, "application/apply-patch+yaml"), 415, "UnsupportedMediaType"],
      [await client.ask("POST", client.jobs, { big: "x".repeat(4e6) }), 413, "RequestEntityTooLarge"],
      [await client.ask("POST", client.pods, aJob()), 400, "BadRequest"],
      [await client.ask("GET", `${client.jobs}?labelSelector=a,,!!b`), 400, "BadRequest"],
      [await client.ask("GET", `${client.jobs}?fieldSelector=spec.suspend=true`), 400, "BadRequest"],
      [await client.ask("GET", `${client.jobs}?continue=nonsense`), 400, "BadRequest"],
      [await client.ask("GET", `${client.jobs}?resourceVersion=999999`), 504, "Timeout"],
    ] as const;
    for (const [{ code, body }, expectedCode, reason] of answers) {
      expect([code, body.reason]).toEqual([expectedCode, reason]);
      expect(body).toMatchObject({ kind: "Status", apiVersion: "v1", status: "Failure", code });
    }
    const { body } = await client.ask("GET", `${client.jobs}/none`);
    expect(body.message).toBe('jobs.batch "none" not found');
    expect(body.details).toEqual({ name: "none", group: "batch", kind: "jobs" });
  });

  it("lists by labels and fields, in pages that show one moment", async () => {
    await using trial = await ClusterTrial.open();
    const { client } = trial;
    const suspended = { spec: { suspend: true } };
    for (const name of ["a", "b", "c"]) await trial.create({ ...suspended, name, labels: { app: "x", own: name } });
    await trial.create({ ...suspended, name: "d" });
    const names = async (query: string): Promise<readonly string[]> => {
      const { body } = await client.ask("GET", `${client.jobs}?${new URLSearchParams(query).toString()}`);
      return (body.items ?? []).map(({ metadata }) => metadata.name);
    };
    expect(await names("labelSelector=app=x,own!=b")).toEqual(["a", "c"]);
    expect(await names("labelSelector=own in (b, c)")).toEqual(["b", "c"]);
    expect(await names("labelSelector=own notin (b)")).toEqual(["a", "c", "d"]);
    expect(await names("labelSelector=!app")).toEqual(["d"]);
    expect(await names("labelSelector=app,own==a")).toEqual(["a"]);
    expect(await names("fieldSelector=metadata.name=b")).toEqual(["b"]);

    const first = await client.ask("GET", `${client.jobs}?limit=2`);
    const token = String(first.body.metadata["continue"]);
    expect(first.body).toMatchObject({ kind: "JobList", metadata: { remainingItemCount: 2 } });
    expect(first.body.items?.[0]).not.toHaveProperty("kind");
    await trial.create({ ...suspended, name: "bb" });
    trial.cluster.deleteJob("d");
    expect(await names(`limit=2&continue=${token}`)).toEqual(["c", "d"]);
    trial.cluster.expireResourceVersions("status");
    expect(await client.ask("GET", `${client.jobs}?continue=${token}`)).toMatchObject({
      code: 410,
      body: { reason: "Expired" },
    });
  });

  it("changes what may change, and only the version that was seen", async () => {
    await using trial = await ClusterTrial.open();
    const { client } = trial;
    await trial.create({ spec: { suspend: true } });
    const path = `${client.jobs}/a`;
    const { body: seen } = await client.ask("GET", path);
    const labelled = { ...seen, metadata: { ...seen.metadata, labels: { x: "1" } } };

    const put = await client.ask("PUT", path, labelled);
    expect(put).toMatchObject({ code: 200, body: { metadata: { labels: { x: "1" }, generation: 1 } } });
    expect(await client.ask("PUT", path, labelled)).toMatchObject({ code: 409, body: { reason: "Conflict" } });
    const later = await client.ask("PATCH", path, { spec: { activeDeadlineSeconds: 5 } }, merge);
    expect(later).toMatchObject({
      code: 200,
      body: { spec: { activeDeadlineSeconds: 5 }, metadata: { generation: 2 } },
    });
    const same = await client.ask("PATCH", path, { spec: { activeDeadlineSeconds: 5 } }, merge);
    expect(same.body.metadata.resourceVersion).toBe(later.body.metadata.resourceVersion);
    const stale = { metadata: { resourceVersion: "1", labels: { x: "2" } } };
    expect(await client.ask("PATCH", path, stale, merge)).toMatchObject({ code: 409 });
    const template = { spec: { template: { metadata: { labels: { x: "2" } } } } };
    expect(await client.ask("PATCH", path, template, merge)).toMatchObject({
      code: 422,
      body: {
        reason: "Invalid",
        details: { causes: [{ field: "spec.template", message: expect.stringMatching(/field is immutable/) }] },
      },
    });
    // The status has a resource of its own.
    const both = { metadata: { labels: { x: "3" } }, status: { failed: 9 } };
    expect((await client.ask("PATCH", path, both, merge)).body.status).not.toHaveProperty("failed");
    const status = await client.ask("PATCH", `${path}/status`, { ...both, metadata: { labels: { x: "4" } } }, merge);
    expect(status.body).toMatchObject({ status: { failed: 9 }, metadata: { labels: { x: "3" } } });
  });

  it("understands three kinds of patches", async () => {
    await using trial = await ClusterTrial.open();
    const { client } = trial;
    await trial.create({ spec: { suspend: true }, labels: { a: "1", b: "2" } });
    const path = `${client.jobs}/a`;
    const labels = async (patch: unknown, mediaType: string): Promise<unknown> =>
      (await client.ask("PATCH", path, patch, mediaType)).body.metadata.labels;

    expect(await labels({ metadata: { labels: { a: null, c: "3" } } }, merge)).toEqual({ b: "2", c: "3" });
    const operations = [
      { op: "test", path: "/metadata/labels/b", value: "2" },
      { op: "add", path: "/metadata/labels/mayfly.dev~1x", value: "4" },
      { op: "move", from: "/metadata/labels/c", path: "/metadata/labels/d" },
      { op: "remove", path: "/metadata/labels/b" },
    ];
    expect(await labels(operations, jsonPatch)).toEqual({ "mayfly.dev/x": "4", d: "3" });
    expect(await client.ask("PATCH", path, operations, jsonPatch)).toMatchObject({ code: 422 });
    const finalizers = (names: readonly string[]) => ({ metadata: { finalizers: names } });
    await client.ask("PATCH", path, finalizers(["x/a"]), strategic);
    const { body } = await client.ask("PATCH", path, finalizers(["x/b"]), strategic);
    expect(body.metadata.finalizers).toEqual(["x/a", "x/b"]);
    const removal = { metadata: { "$deleteFromPrimitiveList/finalizers": ["x/a"] } };
    expect((await client.ask("PATCH", path, removal, strategic)).body.metadata.finalizers).toEqual(["x/b"]);
    const condition = { type: "Odd", status: "True" };
    await client.ask("PATCH", `${path}/status`, { status: { conditions: [condition] } }, strategic);
    await trial.cluster.until(() => "Suspended" in trial.conditions);
    expect(trial.conditions).toHaveProperty("Odd");
    const gone = { status: { conditions: [{ type: "Odd", $patch: "delete" }] } };
    await client.ask("PATCH", `${path}/status`, gone, strategic);
    expect(Object.keys(trial.conditions)).toEqual(["Suspended"]);
  });

  it("deletes only the object that was meant, and keeps it while it has finalizers", async () => {
    await using trial = await ClusterTrial.open();
    const { client } = trial;
    await trial.create({ spec: { suspend: true } });
    const path = `${client.jobs}/a`;
    const options = (preconditions: object) => ({ propagationPolicy: "Background", preconditions });
    expect(await client.ask("DELETE", path, options({ uid: "other" }))).toMatchObject({
      code: 409,
      body: { reason: "Conflict", message: expect.stringMatching(/Precondition failed: UID in precondition: other/) },
    });
    expect(await client.ask("DELETE", path, options({ resourceVersion: "1" }))).toMatchObject({ code: 409 });
    await client.ask("PATCH", path, { metadata: { finalizers: ["x/a"] } }, merge);
    const held = await client.ask("DELETE", path, options({ uid: trial.job?.metadata.uid }));
    expect(held.body.metadata).toHaveProperty("deletionTimestamp");
    await client.ask("PATCH", path, { metadata: { finalizers: null } }, merge);
    expect(trial.job).toBeUndefined();
    expect(await client.ask("DELETE", path)).toMatchObject({ code: 404 });
    // The name is free again.
    await trial.create({ spec: { suspend: true } });
    // A body hides the query.
    await client.ask("DELETE", `${path}?propagationPolicy=Foreground`, { propagationPolicy: "Background" });
    expect(trial.job).toBeUndefined();
  });

  it("says who it is to everybody", async () => {
    await using trial = await ClusterTrial.open();
    const { url, namespace } = trial.cluster;
    expect(await (await fetch(`${url}/readyz`)).text()).toBe("ok");
    expect(await (await fetch(`${url}/version`)).json()).toMatchObject({ major: "1" });
    const { body } = await trial.client.ask("GET", `/api/v1/namespaces/${namespace}`);
    expect(body).toMatchObject({ kind: "Namespace", metadata: { name: namespace, uid: expect.stringMatching(/-/) } });
  });
});
