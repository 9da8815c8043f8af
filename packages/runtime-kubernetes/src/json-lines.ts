import { StringDecoder } from "node:string_decoder";

/** An object of the API has at most 1.5 MiB (etcd); more says that this is no stream of objects. */
const maxLineLength = 8_388_608;

/** The JSON of each line of a stream. Throws for what is none; the rest of a stream that broke off is dropped. */
export async function* jsonLines(pieces: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const piece of pieces) {
    const lines = (rest + decoder.write(piece)).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > maxLineLength) throw new Error("The API server's answer is not a stream of objects.");
    for (const line of lines) if (line !== "") yield JSON.parse(line);
  }
}
