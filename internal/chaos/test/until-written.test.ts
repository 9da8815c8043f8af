import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it } from "vitest";
import { untilWritten } from "../src/until-written.ts";

it("asks Redis again until nothing waits to be written", async () => {
  const answers = ["aof_pending_bio_fsync:1\r\n", "aof_pending_bio", "_fsync:0\r\n"];
  const asked: string[] = [];
  const server = createServer((socket) => {
    socket.setEncoding("utf8").on("data", (text: string) => {
      asked.push(text);
      socket.write(answers.shift() ?? "");
      if (answers.length === 1) setImmediate(() => socket.write(answers.shift() ?? ""));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  await untilWritten((server.address() as AddressInfo).port);
  expect(asked).toEqual(["INFO persistence\r\n", "INFO persistence\r\n"]);
  expect(answers).toEqual([]);
  await new Promise((resolve) => server.close(resolve));
});
