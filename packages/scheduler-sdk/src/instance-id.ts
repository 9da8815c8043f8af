import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { pid } from "node:process";

/** A name for one start of a scheduler: `<scheduler>@<host>:<pid>:<6 random characters>`. */
export function newInstanceId(scheduler: string): string {
  return `${scheduler}@${hostname()}:${pid}:${randomBytes(3).toString("hex")}`;
}
