import { text } from "node:stream/consumers";
import type { Readable } from "node:stream";

/** Reads the answer to a pull to its end: a JSON object a line. The engine reports a failure in one of them. */
export async function readPull(answer: Readable): Promise<void> {
  const lines = (await text(answer)).split("\n");
  for (const line of lines) {
    if (!line.includes('"error"')) continue;
    const { error } = JSON.parse(line) as { readonly error?: unknown };
    if (typeof error === "string") throw new Error(error);
  }
}
