/**
 * All of Mayfly in one process, on the in-process queue and store: no Redis, no RabbitMQ.
 *
 * ```ts
 * const runtime = new InlineRuntime({ hello: async (task) => `Hello, ${task.attributes["name"]}!` });
 * await using mayfly = createStandalone({ runtime });
 * await mayfly.start();
 * ```
 *
 * @packageDocumentation
 */
export { createStandalone, Standalone, type StandaloneOptions } from "./standalone.ts";
