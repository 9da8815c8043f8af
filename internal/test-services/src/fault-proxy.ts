import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { FaultLane, type Slowness } from "./fault-lane.ts";

/** A connection through the proxy. */
interface Link {
  readonly sockets: readonly [Socket, Socket];
  readonly lanes: readonly [FaultLane, FaultLane];
  /** Stands still for good, whatever the rest does. */
  isMute: boolean;
}

/** How many connections a {@link FaultProxy} has and has had. */
export interface ConnectionCounts {
  readonly open: number;
  readonly accepted: number;
  /** Reset at once because of `refuse`. */
  readonly refused: number;
}

/**
 * A port on 127.0.0.1 that passes connections on to another one, and does what networks do: cuts them, refuses them,
 * lets them stand without a word, slows them down. All faults can be on at a time, and none changes a byte or the order
 * of bytes.
 */
export class FaultProxy implements AsyncDisposable {
  readonly #targetPort: number;
  readonly #server: Server;
  readonly #links = new Set<Link>();
  #accepted = 0;
  #refused = 0;
  #isRefusing = false;
  #isHalfOpen = false;
  #slowness: Slowness = {};

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  /** @internal Use {@link startProxy}. */
  static async start(targetPort: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(targetPort);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once("error", reject).listen(0, "127.0.0.1", resolve);
    });
    return proxy;
  }

  /** The port to connect to. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): ConnectionCounts {
    return { open: this.#links.size, accepted: this.#accepted, refused: this.#refused };
  }

  /** Resets every connection that there is; later ones are passed on. */
  cut(): void {
    for (const { sockets } of this.#links) for (const socket of sockets) socket.resetAndDestroy();
  }

  /** Resets each new connection at once; those that there are stay. */
  refuse(isRefusing: boolean): void {
    this.#isRefusing = isRefusing;
  }

  /**
   * Takes bytes of all connections, old and new, and passes none on, nor tells either side that the other has closed.
   * When it is turned off, all that was held back arrives, as after a network partition.
   */
  halfOpen(isHalfOpen: boolean): void {
    this.#isHalfOpen = isHalfOpen;
    for (const link of this.#links) this.#apply(link);
  }

  /** The connections that there are stand without a word for good; later ones are passed on. */
  mute(): void {
    for (const link of this.#links) {
      link.isMute = true;
      this.#apply(link);
    }
  }

  /** Slows all connections down, each direction for itself; `{}` ends it. */
  slow(slowness: Slowness): void {
    this.#slowness = slowness;
    for (const link of this.#links) this.#apply(link);
  }

  /** Ends every fault; what is mute stays so. */
  heal(): void {
    this.refuse(false);
    this.slow({});
    this.halfOpen(false);
  }

  /** Resets all connections and takes no more. Idempotent. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  /** {@link FaultProxy.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #accept(client: Socket): void {
    this.#accepted++;
    client.on("error", () => undefined);
    if (this.#isRefusing || !this.#server.listening) {
      this.#refused++;
      client.resetAndDestroy();
      return;
    }
    const target = connect({ port: this.#targetPort, host: "127.0.0.1", allowHalfOpen: true });
    target.on("error", () => undefined);
    for (const socket of [client, target]) socket.setNoDelay(true);
    const lanes = [new FaultLane(client, target), new FaultLane(target, client)] as const;
    const link: Link = { sockets: [client, target], lanes, isMute: false };
    this.#links.add(link);
    this.#apply(link);
    const closed = (): void => {
      if (!client.closed || !target.closed) return;
      for (const lane of lanes) lane.close();
      this.#links.delete(link);
    };
    client.on("close", closed);
    target.on("close", closed);
  }

  #apply(link: Link): void {
    for (const lane of link.lanes) {
      lane.slow(this.#slowness);
      lane.hold(this.#isHalfOpen || link.isMute);
    }
  }
}

/** Starts a proxy on a free port of 127.0.0.1 that passes connections on to `port` of 127.0.0.1. */
export async function startProxy(port: number): Promise<FaultProxy> {
  return await FaultProxy.start(port);
}
