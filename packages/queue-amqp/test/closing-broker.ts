import { connect, createServer, type AddressInfo, type Server } from "node:net";

/** The method connection.open-ok in a frame on channel 0 (AMQP 0-9-1, 4.2.3 and 1.4.2.8). */
const openOk = Buffer.from([1, 0, 0, 0, 0, 0, 5, 0, 10, 0, 41, 0, 0xce]);
/** connection.close with the code 320 and no text, which is what a broker says that is being stopped. */
const close = Buffer.from([1, 0, 0, 0, 0, 0, 11, 0, 10, 0, 50, 1, 64, 0, 0, 0, 0, 0, 0xce]);

/** The broker on `port`, which however closes connections in the same breath in which it opens them, or instead. */
export class ClosingBroker implements AsyncDisposable {
  /** How many further connections it closes. */
  closes = 0;
  /** Whether it opens them before. */
  opens = true;
  readonly #server: Server;

  private constructor(port: number) {
    this.#server = createServer((client) => {
      const broker = connect(port, "127.0.0.1");
      client.on("error", () => broker.destroy());
      broker.on("error", () => client.destroy());
      client.pipe(broker);
      broker.on("end", () => client.end());
      broker.on("data", (bytes: Buffer) => {
        const isOpened = this.closes > 0 && bytes.includes(openOk);
        if (isOpened) this.closes--;
        const kept = isOpened && !this.opens ? bytes.subarray(0, bytes.indexOf(openOk)) : bytes;
        client.write(isOpened ? Buffer.concat([kept, close]) : kept);
      });
    });
  }

  static async start(port: number): Promise<ClosingBroker> {
    const broker = new ClosingBroker(port);
    await new Promise<void>((resolve) => broker.#server.listen(0, "127.0.0.1", resolve));
    return broker;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
