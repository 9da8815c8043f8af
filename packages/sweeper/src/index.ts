/**
 * The timeout daemon, over the store and queue ports: expires tasks, recovers those whose owner has vanished, announces
 * those that wait to be, again if their message was lost, and decides about dead letters.
 *
 * ```ts
 * const sweeper = new Sweeper({ store, queue });
 * await sweeper.start();
 * ```
 *
 * @packageDocumentation
 */
export { Sweeper, type SweeperOptions } from "./sweeper.ts";
