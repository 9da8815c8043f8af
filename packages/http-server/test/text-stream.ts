/** An answer that is read as it comes. */
export class TextStream {
  readonly response: Response;
  /** What has come so far. */
  text = "";
  readonly #client: AbortController;
  readonly #reader: ReadableStreamDefaultReader<string>;

  private constructor(response: Response, client: AbortController) {
    this.response = response;
    this.#client = client;
    if (response.body === null) throw new Error("The answer has no body.");
    this.#reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Resolves when the head of the answer has come. */
  static async open(url: string, headers: Readonly<Record<string, string>>): Promise<TextStream> {
    const client = new AbortController();
    return new TextStream(await fetch(url, { headers, signal: client.signal }), client);
  }

  /** Resolves with all of it once it ends with `end`. */
  async until(end: string): Promise<string> {
    while (!this.text.endsWith(end)) if (!(await this.#more())) throw new Error(`It ended with ${this.text}`);
    return this.text;
  }

  /** How it ends: `cut` is what a connection that breaks looks like. */
  async ended(): Promise<"whole" | "cut"> {
    try {
      while (await this.#more());
      return "whole";
    } catch {
      return "cut";
    }
  }

  /** The client goes away. */
  leave(): void {
    this.#client.abort();
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#reader.read();
    this.text += value ?? "";
    return !done;
  }
}
