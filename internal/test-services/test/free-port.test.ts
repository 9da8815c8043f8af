import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it, vi } from "vitest";
import { freePort } from "../src/free-port.ts";
import { OwnedProcess } from "../src/owned-process.ts";

function only(port: number): { readonly lowest: number; readonly highest: number } {
  return { lowest: port, highest: port };
}

it("hands out no port on which something listens", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await expect(freePort(only(port))).rejects.toThrow(`No free port was found between ${port} and ${port}.`);
  server.close();
  await once(server, "close");
});

it("hands out no port twice, although nobody listens on it yet", async () => {
  const port = await freePort();
  await expect(freePort(only(port))).rejects.toThrow("No free port was found");
  expect(await freePort({ lowest: port, highest: port + 20 })).not.toBe(port);
});

it("hands out no port that another process has reserved, until that has ended", async () => {
  const script = `const socket = require("node:dgram").createSocket("udp4");
    const bind = () => socket.bind(20_000 + Math.floor(12_000 * Math.random()), "127.0.0.1");
    socket.on("error", bind).on("listening", () => console.log(socket.address().port));
    bind();`;
  const other = await OwnedProcess.spawn({ command: process.execPath, args: ["-e", script], env: {}, cwd: "/" });
  await vi.waitFor(() => expect(other.output).toMatch(/^\d+\n$/), { timeout: 10_000 });
  const port = Number(other.output);
  await expect(freePort(only(port))).rejects.toThrow("No free port was found");
  await other.kill();
  expect(await freePort(only(port))).toBe(port);
});
