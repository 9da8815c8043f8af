import type { Logger } from "@mayfly/service";
import type { LeaseSignal, Owner, StoreErrorCode } from "@mayfly/store";

/**
 * What the thread that renews leases is told. `atMs`, here and in its answers, is a time by the clock that all threads
 * of the process share: see {@link toSharedMs}.
 */
export type LeaseOrder =
  | { readonly type: "add" | "renewed"; readonly owner: Owner; readonly atMs: number }
  | { readonly type: "remove"; readonly owner: Owner }
  | { readonly type: "close" };

/**
 * What the thread tells. `ready`: it is connected. `failed`: it never can be, and ends. `alive`: nothing else.
 * `renewed`: the leases of these claim tokens began anew when the heartbeat was sent, at `atMs`.
 */
export type LeaseNews =
  | { readonly type: "ready" | "alive" }
  | { readonly type: "failed"; readonly code: StoreErrorCode; readonly message: string }
  | { readonly type: "renewed"; readonly tokens: readonly string[]; readonly atMs: number }
  | { readonly type: "signal"; readonly owner: Owner; readonly signal: LeaseSignal }
  | {
      readonly type: "log";
      readonly level: keyof Logger;
      readonly fields: Readonly<Record<string, unknown>>;
      readonly message: string;
    };
