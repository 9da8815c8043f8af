import { createServer } from "node:net";
import { once } from "node:events";
import { expect, it } from "vitest";
import { LeakCheck } from "../src/leak-check.ts";

it("reports a timer and a server that are left, and is content when they are gone", async () => {
  const check = new LeakCheck();
  await check.begin();
  await check.end();

  const timer = setTimeout(() => {}, 100_000);
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  await expect(check.end()).rejects.toThrow("1 × TCPServerWrap, 1 × Timeout");

  clearTimeout(timer);
  server.close();
  await check.end();
});
