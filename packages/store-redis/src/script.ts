/** A Lua script as it is sent to Redis. */
export interface Script {
  /** The name of its file, for messages. */
  readonly name: string;
  /** SHA-1 of `lua`, by which Redis knows it. */
  readonly sha1: string;
  readonly lua: string;
}
