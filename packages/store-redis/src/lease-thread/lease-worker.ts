/**
 * What the thread that renews leases runs: the one module of this package that does something when it is loaded.
 *
 * @packageDocumentation
 */
import { type MessagePort, workerData } from "node:worker_threads";
import type { LeaseThreadData } from "./lease-thread.ts";
import { renewLeases } from "./renew-leases.ts";

const { port, ...data } = workerData as LeaseThreadData & { readonly port: MessagePort };
void renewLeases(port, data);
