import type { Clock } from "@mayfly/service";
import type { PolicyRule } from "./api/access.ts";
import type { ServerCertificate } from "./api/http-listener.ts";
import type { Capacity } from "./controllers/pod-scheduler.ts";

/** How a Kubernetes for tests is started; everything has a default. */
export interface KubernetesOptions {
  /** @defaultValue `"mayfly"` */
  readonly namespace?: string;
  /** What the account of {@link KubernetesServer.kubeConfig} may do. @defaultValue everything */
  readonly rules?: readonly PolicyRule[];
  /** What the one node has, by the names of resources. @defaultValue 64 CPUs, 256 GiB of memory */
  readonly node?: Capacity;
  /**
   * What the API server shows over HTTPS, for the address 127.0.0.1. Kubeconfigs have its `cert` as the CA that they trust.
   *
   * @defaultValue none: plain HTTP
   */
  readonly certificate?: ServerCertificate;
  /**
   * The time of the whole cluster: timestamps, deadlines, the time that finished Jobs are kept, graces, back-off of
   * pulls, and how long watches last. Processes and connections know no clock.
   *
   * @defaultValue the host's
   */
  readonly clock?: Clock;
}
