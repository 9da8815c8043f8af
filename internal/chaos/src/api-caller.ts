import { ClientError, MayflyClient } from "@mayfly/client";
import type { TaskView } from "@mayfly/task";
import type { ApiAnswer } from "./history.ts";

/** How long an API may take to answer, in milliseconds, before the call is sent to another one. */
const timeoutMs = 5_000;

/** Calls APIs once, and tells of each answer. */
export class ApiCaller {
  readonly #clients: readonly (readonly [string, MayflyClient])[];
  readonly #onAnswer: (answer: ApiAnswer) => void;
  #next = 0;

  /** @param apis - the base URL of each API, by name */
  constructor(apis: ReadonlyMap<string, string>, onAnswer: (answer: ApiAnswer) => void) {
    this.#clients = [...apis].map(([name, baseUrl]) => [
      name,
      new MayflyClient({ baseUrl, maxAttempts: 1, timeoutMs }),
    ]);
    this.#onAnswer = onAnswer;
  }

  /** Sends a call to the API whose turn it is; resolves with what came of it, also when nothing came. */
  async call(
    call: ApiAnswer["call"],
    id: string,
    send: (client: MayflyClient) => Promise<{ readonly status: number; readonly view?: TaskView }>,
  ): Promise<ApiAnswer> {
    const turn = this.#clients[this.#next++ % this.#clients.length];
    if (turn === undefined) throw new Error("There is no API to call.");
    const [api, client] = turn;
    const sentAtMs = Date.now();
    const outcome = await send(client).catch((error: unknown) => {
      if (!ClientError.is(error)) throw error;
      return { status: error.status ?? 0, problem: error.code };
    });
    const answer: ApiAnswer = { call, id, api, sentAtMs, answeredAtMs: Date.now(), ...outcome };
    this.#onAnswer(answer);
    return answer;
  }
}

/** Whether an answer says for good what became of the call; otherwise it is to be repeated. */
export function isDefinite({ status }: ApiAnswer): boolean {
  return status >= 200 && status < 500;
}
