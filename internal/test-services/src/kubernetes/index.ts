/**
 * A Kubernetes in this process, for tests: an API server that speaks the real wire protocol for Jobs, pods, their logs and
 * events, with the controllers behind it and a node that runs commands. Every object that it accepts or writes is checked
 * against the official OpenAPI schema, and unknown fields are refused.
 *
 * ```ts
 * await using cluster = await startKubernetes();
 * const client = new KubeConfig();
 * client.loadFromString(cluster.kubeConfig);
 * await cluster.goAway();
 * await cluster.comeBack();
 * ```
 *
 * What it does not have: other resources, discovery, server-side apply, dry runs, init containers, Jobs of more than one
 * pod, restarts of containers (`restartPolicy: OnFailure`), volumes, isolation of containers.
 *
 * @packageDocumentation
 */
export type { PolicyRule } from "./api/access.ts";
export type { ServerCertificate } from "./api/http-listener.ts";
export type { HeldRequest, RequestFault, RequestFaults } from "./api/request-faults.ts";
export type { Verb } from "./api/verb.ts";
export type { ExpiryForm } from "./api/watch-stream.ts";
export type { Capacity } from "./controllers/pod-scheduler.ts";
export type { DeleteOptions } from "./delete-options.ts";
export type { KubernetesOptions } from "./kubernetes-options.ts";
export { KubernetesServer, startKubernetes } from "./kubernetes-server.ts";
export type { Quota } from "./resource-quota.ts";
export type { ApiObject, Job, ObjectMeta, OwnerReference, Pod } from "./store/api-object.ts";
