import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { KubeConfig } from "@kubernetes/client-node";
import { silentLogger, systemClock } from "@mayfly/service";
import { expect, it } from "vitest";
import { ApiServer } from "../src/api-server.ts";
import { JobApi } from "../src/job-api.ts";
import { jobObject, type RawJob } from "../src/job-object.ts";
import { ObjectWatch } from "../src/object-watch.ts";

/** What the server answers to one list after the other; a watch stays silent. */
type Answer = { readonly status: number; readonly body: object };

function page(names: readonly string[], next?: string): Answer {
  const items = names.map((name) => ({ metadata: { name }, spec: { large: "x".repeat(1_000) } }));
  return { status: 200, body: { metadata: { resourceVersion: "7", ...(next && { continue: next }) }, items } };
}

/** Watches a server that gives these answers; resolves with what it has been told and asked when it begins to watch. */
async function watched(answers: readonly Answer[]): Promise<{ lists: unknown[]; requests: string[] }> {
  const requests: string[] = [];
  const lists: unknown[] = [];
  const left = [...answers];
  const watching = new AbortController();
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? "", "http://localhost");
    if (searchParams.has("watch")) {
      watching.abort();
      return;
    }
    requests.push(`asked for ${searchParams.get("continue") ?? "the first page"}`);
    const { status, body } = left.shift() ?? { status: 500, body: {} };
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser({ name: "test", server: url, skipTLSVerify: true }, { name: "test" });
  const api = new JobApi(new ApiServer(() => ({ kubeConfig, server: url, namespace: "test" }), systemClock), "test");
  const watch = new ObjectWatch<string>({
    api,
    path: api.jobsPath,
    labelSelector: "",
    clock: systemClock,
    logger: silentLogger,
    read(object) {
      const { name } = (object as RawJob).metadata;
      requests.push(`read ${name}`);
      return name;
    },
    onList: (all) => lists.push(all),
    onTrouble: () => undefined,
    onChange: () => undefined,
    onGone: () => undefined,
  });
  await watch.run(watching.signal);
  api.server.close();
  await new Promise((resolve) => server.close(resolve));
  return { lists, requests };
}

it("[KUBE-14] reads each page of a list before it asks for the next, and tells of all at once", async () => {
  const { lists, requests } = await watched([page(["a", "b"], "more"), page(["c"])]);
  expect(requests).toEqual(["asked for the first page", "read a", "read b", "asked for more", "read c"]);
  expect(lists).toEqual([["a", "b", "c"]]);
});

it("[KUBE-14] tells nothing of a list that breaks off, and begins it anew", async () => {
  const expired = { status: 410, body: { kind: "Status", code: 410, reason: "Expired", message: "too old" } };
  const { lists } = await watched([page(["a", "b"], "more"), expired, page(["b"], "more"), page(["c"])]);
  expect(lists).toEqual([["b", "c"]]);
});

it("[KUBE-14] keeps of a Job's labels and annotations only Mayfly's own", () => {
  const metadata = { name: "a", uid: "u", resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" };
  const labels = { "mayfly.task": "1", team: "a" };
  const annotations = { "mayfly.scheduler": "s-", "kubectl.kubernetes.io/last-applied-configuration": "{}" };
  const job = jobObject({ metadata: { ...metadata, labels, annotations } });
  expect(job.labels).toEqual({ "mayfly.task": "1" });
  expect(job.annotations).toEqual({ "mayfly.scheduler": "s-" });
});
