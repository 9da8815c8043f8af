/**
 * The store port: where tasks live, and what decides each question about them. {@link InMemoryStore} is its in-process
 * implementation; `@mayfly/store-redis` implements it on Redis, and `@mayfly/store/contract` proves either.
 *
 * ```ts
 * const store = new InMemoryStore();
 * await store.open();
 * const view = await store.find(id);
 * ```
 *
 * @packageDocumentation
 */
export type { EventPage, ListPage, ListRequest, StopHint, Subscription, TaskStore } from "./task-store.ts";
export type { AbortAnswer, ScheduleAnswer, ScheduleRequest } from "./schedule.ts";
export type { ClaimAnswer, ClaimRequest, Granted } from "./claim.ts";
export type { CurrentRun } from "./current-run.ts";
export type {
  End,
  EndAnswer,
  GiveBack,
  HandOver,
  HeartbeatAnswer,
  Owner,
  OwnerAnswer,
  OwnerCopy,
  ReleaseAnswer,
  ReleaseRequest,
  RestoreAnswer,
  Retry,
  StoredHandle,
} from "./owner.ts";
export { scopeName } from "./owner.ts";
export { type LogAnswer, type LogPage, type LogRequest, logCutMark, maxLogBytes } from "./log.ts";
export type {
  DueAnswer,
  StalledRequest,
  StalledTask,
  SweepAnswer,
  SweepRequest,
  UndeliveredAnswer,
  UndeliveredRequest,
} from "./sweep.ts";
export type { KeepLeasesOptions, LeaseKeeper, LeaseSignal } from "./lease-keeper.ts";
export { contentHash } from "./content-hash.ts";
export { HeartbeatLeaseKeeper, type HeartbeatLeaseKeeperOptions } from "./heartbeat-lease-keeper.ts";
export { InMemoryStore, type InMemoryStoreOptions } from "./in-memory-store.ts";
export { StoreError, type StoreErrorCode } from "./store-error.ts";
