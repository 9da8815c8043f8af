/**
 * Calls the HTTP API of Mayfly, from Node or a browser.
 *
 * ```ts
 * const client = new MayflyClient({ baseUrl: "http://127.0.0.1:8700" });
 * const { task } = await client.schedule({ scheduler: "hello", attributes: { name: "Ada" } });
 * const done = await client.wait(task.id, { timeoutMs: 60_000 });
 * ```
 *
 * @packageDocumentation
 */
export {
  type CallOptions,
  MayflyClient,
  type MayflyClientOptions,
  type Scheduled,
  type TaskQuery,
} from "./mayfly-client.ts";
export type { LogPiece } from "./log-reading.ts";
export { ClientError, type ClientErrorCode } from "./client-error.ts";
