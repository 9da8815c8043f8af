import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it } from "vitest";
import { untilWritten } from "../src/until-written.ts";

/** A Redis that gives these pieces of answers: one when it is asked, and the others by themselves. */
async function aRedis(answers: string[], asked: string[]): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((socket) => {
    socket.setEncoding("utf8").on("data", (text: string) => {
      asked.push(text);
      socket.write(answers.shift() ?? "");
      if (answers.length === 1) setImmediate(() => socket.write(answers.shift() ?? ""));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => void (await new Promise((resolve) => server.close(resolve))),
  };
}

it("lets Redis take no more writes, and asks again until nothing waits to be written", async () => {
  const answers = ["+OK\r\naof_buffer_length:17\r\n", "aof_buffer", "_length:0\r\n"];
  const asked: string[] = [];
  await using redis = await aRedis(answers, asked);
  await untilWritten(redis.port);
  expect(asked.join("")).toBe("CLIENT PAUSE 60000 WRITE\r\nINFO persistence\r\nINFO persistence\r\n");
  expect(answers).toEqual([]);
});

it("rejects when Redis goes on taking writes", async () => {
  await using redis = await aRedis(["-ERR unknown subcommand\r\n"], []);
  await expect(untilWritten(redis.port)).rejects.toThrow("unknown subcommand");
});
