import type { Service } from "@mayfly/service";

/** A fresh service for one case of the contract. */
export interface ServiceTrial {
  readonly service: Service;
  /**
   * Whether the service has nothing left running: timers of an injected clock, subscriptions, runs. Sockets,
   * servers, timers and child processes of this process are looked for in any case.
   */
  readonly isIdle?: () => boolean;
  /** Releases what the service was given; called after the case. */
  readonly close?: () => Promise<void>;
}

/** A fresh service, and how to take away what it needs: its store, its port. */
export interface FaultTrial extends ServiceTrial {
  /** From now on it is away. May be called while it is. */
  readonly beginFault: () => void | Promise<void>;
  /** It is there again. May be called while it is. */
  readonly endFault: () => void | Promise<void>;
}

/** Makes a service that has not been started. */
export type MakeTrial<T extends ServiceTrial = ServiceTrial> = () => T | Promise<T>;
