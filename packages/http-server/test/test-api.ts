import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { RecordingLogger } from "@mayfly/service/testing";
import { createHttpService, type CreateHttpServiceOptions, type HttpService } from "../src/index.ts";
import { type ApiResponse, checkedResponse } from "./checked-response.ts";
import { FakeDispatcher } from "./fake-dispatcher.ts";

/** What a request of a test sends: `json` is turned into text, `body` is sent as it is. */
export interface Sent {
  readonly json?: unknown;
  readonly body?: NonNullable<RequestInit["body"]>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** The API, listening on a free port of this host, over a {@link FakeDispatcher} unless told otherwise. */
export class TestApi implements AsyncDisposable {
  readonly dispatcher = new FakeDispatcher();
  readonly logger = new RecordingLogger();
  readonly service: HttpService;

  private constructor(options: Partial<CreateHttpServiceOptions>) {
    this.service = createHttpService({
      dispatcher: this.dispatcher,
      checks: { store: async () => true, broker: () => true },
      logger: this.logger,
      port: 0,
      ...options,
    });
  }

  static async start(options: Partial<CreateHttpServiceOptions> = {}): Promise<TestApi> {
    const api = new TestApi(options);
    await api.service.start();
    return api;
  }

  get url(): string {
    const url = this.service.address?.url;
    if (url === undefined) throw new Error("The API does not listen.");
    return url;
  }

  /** A connection on which a test says word for word what it asks. */
  async connect(): Promise<Socket> {
    const { host = "", port = 0 } = this.service.address ?? {};
    const socket = connect(port, host);
    socket.on("error", () => undefined);
    await once(socket, "connect");
    return socket;
  }

  /** Sends a request and holds the answer to the contract. */
  async call(method: string, path: string, sent: Sent = {}): Promise<ApiResponse> {
    const isJson = sent.json !== undefined;
    const body = isJson ? JSON.stringify(sent.json) : sent.body;
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { ...(body !== undefined && { "Content-Type": "application/json" }), ...sent.headers },
      ...(body !== undefined && { body, duplex: "half" as const }),
      ...(sent.signal && { signal: sent.signal }),
    });
    return checkedResponse(method, path, response);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.service.stop();
  }
}
