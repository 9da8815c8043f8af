/**
 * The timeout daemon, over the store and queue ports: expires tasks, recovers those whose owner has vanished, announces
 * those that wait to be.
 *
 * ```ts
 * const sweeper = new Sweeper({ store, queue });
 * await sweeper.start();
 * ```
 *
 * @packageDocumentation
 */
export { Sweeper, type SweeperOptions } from "./sweeper.ts";
