import { createSocket } from "node:dgram";
import { createServer } from "node:net";

/** Where {@link freePort} looks for a port: from the lowest to the highest. */
export interface PortRange {
  readonly lowest: number;
  readonly highest: number;
}

/**
 * Ports below the range from which the kernel takes the ports of outgoing connections. A server that is
 * stopped and started again must find its port free, and a client that knocks at the closed port must not
 * be given that very port as its own and so connect to itself.
 */
const belowOutgoing: PortRange = { lowest: 20_000, highest: 32_000 };

/**
 * A port of TCP on which nothing listens at this moment. It is not handed out again as long as this process lives, by no
 * process of the host: whoever has it may stop listening and begin again.
 * @param range - default: 20000 to 32000
 * @throws Error when no port of the range is free
 */
export async function freePort(range: PortRange = belowOutgoing): Promise<number> {
  const { lowest, highest } = range;
  const count = highest - lowest + 1;
  const first = Math.floor(Math.random() * count);
  for (let offset = 0; offset < count; offset += 1) {
    const port = lowest + ((first + offset) % count);
    if ((await canListen(port)) && (await reserve(port))) return port;
  }
  throw new Error(`No free port was found between ${lowest} and ${highest}.`);
}

/** Whether nothing listens on the port, at no address. */
function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}

/** Takes the UDP port of the same number, which nobody else needs: the kernel gives it to one, and back when that has died. */
function reserve(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4").unref();
    socket.once("error", () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ port, address: "127.0.0.1", exclusive: true }, () => resolve(true));
  });
}
