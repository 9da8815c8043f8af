import { createServer } from "node:net";

/**
 * Ports below the range from which the kernel takes the ports of outgoing connections. A server that is
 * stopped and started again must find its port free, and a client that knocks at the closed port must not
 * be given that very port as its own and so connect to itself.
 */
const lowest = 20_000;
const highest = 32_000;

/** A port of 127.0.0.1 on which nothing listens at this moment. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (await canListen(port)) return port;
  }
  throw new Error(`No free port was found between ${lowest} and ${highest}.`);
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
