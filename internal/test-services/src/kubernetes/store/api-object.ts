import type { IJobSpec, IJobStatus } from "kubernetes-models/batch/v1";
import type { IPodSpec, IPodStatus } from "kubernetes-models/v1";

/** Whose part an object is; the object goes when its owner goes. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** What every stored object carries. */
export interface ObjectMeta {
  name: string;
  generateName?: string;
  namespace: string;
  uid: string;
  resourceVersion: string;
  /** RFC 3339, whole seconds, as the API server writes times. */
  creationTimestamp: string;
  generation?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  /** When its grace ends. It is being deleted once this is there. */
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
}

/** An object as it is stored and sent. */
export interface ApiObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** A Job of `batch/v1`. */
export interface Job extends ApiObject {
  spec: IJobSpec;
  status: IJobStatus;
}

/** A Pod of `v1`. */
export interface Pod extends ApiObject {
  spec: IPodSpec;
  status: IPodStatus;
}

/** What happened to another object, for people; `v1`. */
export interface ClusterEvent extends ApiObject {
  involvedObject: { apiVersion: string; kind: string; namespace: string; name: string; uid: string };
  type: "Normal" | "Warning";
  reason: string;
  message: string;
  source: { component: string };
  firstTimestamp: string;
  lastTimestamp: string;
  count: number;
}
