/** A bug that is planted into the in-process queue: one place of one source is replaced. */
export interface Mutant {
  /** What the queue does wrong then. */
  readonly title: string;
  /** The source, below `src`. */
  readonly file: string;
  /** Occurs exactly once in it. */
  readonly find: string;
  readonly replace: string;
  /** The area of the contract whose cases are tried first. @defaultValue the first one */
  readonly area?: string;
}

const queue = "in-memory-queue.ts";
const consumer = "in-memory-consumer.ts";
const dead = "in-memory-dead-letters.ts";
const area = "dead letters";

/** Bugs that the contract suite must find. */
export const mutants: readonly Mutant[] = [
  {
    title: "handles more than it has slots",
    file: consumer,
    find: "this.#running < this.#options.slots",
    replace: "this.#running <= this.#options.slots",
  },
  {
    title: "uses one slot only",
    file: consumer,
    find: "this.#running < this.#options.slots",
    replace: "this.#running < 1",
  },
  {
    title: "frees the slot of what is owned",
    file: consumer,
    find: "owned: () => void settle()",
    replace: "owned: () => { settle(); this.#running--; }",
  },
  {
    title: "frees the slot of what is dropped",
    file: consumer,
    find: "if (settle()) onDropped(queued.message);",
    replace: "if (settle()) this.#running--; onFree();",
  },
  {
    title: "hands out again what was dropped",
    file: consumer,
    find: "if (settle()) onDropped(queued.message);",
    replace: "",
  },
  {
    title: "hands out again what was owned",
    file: consumer,
    find: "owned: () => void settle()",
    replace: "owned: () => undefined",
  },
  {
    title: "loses what was rejected",
    file: consumer,
    find: "if (settle()) onGivenBack({ ...queued, redelivered: true });",
    replace: "settle();",
  },
  {
    title: "hides that a rejected message comes again",
    file: consumer,
    find: "if (settle()) onGivenBack({ ...queued, redelivered: true });",
    replace: "if (settle()) onGivenBack(queued);",
  },
  {
    title: "hands out again what was settled",
    file: consumer,
    find: "await onDelivery(delivery);\n      settle();",
    replace: "await onDelivery(delivery);\n      settle();\n      onGivenBack(queued);",
  },
  {
    title: "delivers after a cancel",
    file: consumer,
    find: "return !this.#isCancelled && this.#running",
    replace: "return this.#running",
  },
  {
    title: "gives back what runs when it is cancelled",
    file: consumer,
    find: "  async cancel(): Promise<void> {\n    this.#isCancelled = true;\n",
    replace: "  async cancel(): Promise<void> {\n    await this.close();\n",
  },
  {
    title: "loses what is not owned when it closes",
    file: consumer,
    find: "for (const queued of unowned) this.#options.onGivenBack({ ...queued, redelivered: true });",
    replace: "",
  },
  {
    title: "gives back twice what fails after the close",
    file: consumer,
    find: "    this.#unowned.clear();\n",
    replace: "",
  },
  {
    title: "stays subscribed after a cancel",
    file: consumer,
    find: "get isSubscribed(): boolean {\n    return !this.#isCancelled;",
    replace: "get isSubscribed(): boolean {\n    return true;",
  },
  {
    title: "turns the order around",
    file: queue,
    find: "queue.waiting.push(",
    replace: "queue.waiting.unshift(",
  },
  {
    title: "confirms what has no queue",
    file: queue,
    find: 'if (queue === undefined) return "unroutable";',
    replace: 'if (queue === undefined) return "confirmed";',
  },
  {
    title: "declares what is published to",
    file: queue,
    find: "const queue = this.#queues.get(message.scheduler);",
    replace: "const queue = this.#declared(message.scheduler);",
  },
  {
    title: "empties a queue that is declared again",
    file: queue,
    find: "if (queue === undefined) {\n      queue =",
    replace: "if (queue?.consumers.length !== 1) {\n      queue =",
  },
  {
    title: "keeps what waits in a removed queue",
    file: queue,
    find: "if (queue.consumers.length === 0) this.#queues.delete(name);",
    replace: "",
  },
  {
    title: "forgets the consumers of a removed queue",
    file: queue,
    find: "if (queue.consumers.length === 0) this.#queues.delete(name);",
    replace: "this.#queues.delete(name);",
  },
  {
    title: "hands a message to two consumers",
    file: queue,
    find: "      void consumer.deliver(message);\n",
    replace:
      "      consumer.deliver(message);\n      queue.consumers.find((other) => other.hasFreeSlot)?.deliver(message);\n",
  },
  {
    title: "counts what is handled as waiting",
    file: queue,
    find: "return this.#queues.get(name)?.waiting.length;",
    replace: "return (this.#queues.get(name)?.waiting.length ?? 0) + 1;",
  },
  {
    title: "rewrites the body",
    file: queue,
    find: "queue.waiting.push({ message, redelivered: false });",
    replace: "queue.waiting.push({ message: { ...message, body: message.body.trim() }, redelivered: false });",
  },
  {
    title: "loses the trace",
    file: queue,
    find: "queue.waiting.push({ message, redelivered: false });",
    replace: "queue.waiting.push({ message: { ...message, traceparent: undefined }, redelivered: false });",
  },
  {
    title: "publishes when it is closed",
    file: queue,
    find: 'if (this.#isClosed) return "unknown";',
    replace: "",
  },
  {
    title: "leaves its consumers open when it is closed",
    file: queue,
    find: "await Promise.all([this.#dead, ...consumers].map((each) => each.close()));",
    replace: "void consumers;",
  },
  {
    title: "keeps no dead letters",
    file: queue,
    find: '    this.#dead.add({ queue, reason: "rejected", id, token, message });\n',
    replace: "",
    area,
  },
  {
    title: "hides the message of a dead letter",
    file: queue,
    find: "id, token, message });",
    replace: "id, token });",
    area,
  },
  {
    title: "takes the id of a dead letter for its token",
    file: queue,
    find: "id, token, message });",
    replace: "id, token: id, message });",
    area,
  },
  {
    title: "hides where a message died",
    file: queue,
    find: "add({ queue, reason:",
    replace: "add({ queue: undefined, reason:",
    area,
  },
  {
    title: "takes what was rejected for a dead letter",
    file: queue,
    find: "onGivenBack: (message) => this.#giveBack(queue, message),",
    replace: "onGivenBack: (given) => { this.#giveBack(queue, given); this.#bury(name, given.message); },",
    area,
  },
  {
    title: "takes dead letters when it is closed",
    file: queue,
    find: "Dead(options: ConsumeDeadOptions): Promise<Consumer> {\n    if (this.#isClosed)",
    replace: "Dead(options: ConsumeDeadOptions): Promise<Consumer> {\n    if (this.#isClosed && !options)",
    area,
  },
  {
    title: "leaves the consumers of its dead letters open when it is closed",
    file: queue,
    find: "[this.#dead, ...consumers]",
    replace: "[...consumers]",
    area,
  },
  {
    title: "hands out a dead letter only to who comes later",
    file: dead,
    find: "    this.#waiting.push(letter);\n    this.#serve();\n",
    replace: "    this.#waiting.push(letter);\n",
    area,
  },
  {
    title: "hands out a dead letter only to who is there",
    file: dead,
    find: "    this.#consumers.add(consumer);\n    this.#serve();\n",
    replace: "    this.#consumers.add(consumer);\n",
    area,
  },
  {
    title: "gives up a dead letter whose handling failed",
    file: dead,
    find: "await clock.sleep(repeatPauseMs, { signal });",
    replace: "this.#held.delete(letter);",
    area,
  },
  {
    title: "repeats a failed dead letter without a pause",
    file: dead,
    find: "const repeatPauseMs = 1_000;",
    replace: "const repeatPauseMs = 10;",
    area,
  },
  {
    title: "hands out again a dead letter that was handled",
    file: dead,
    find: "        await onDeadLetter(letter);\n        this.#held.delete(letter);",
    replace: "        await onDeadLetter(letter);\n        await clock.sleep(10, { signal });",
    area,
  },
  {
    title: "handles more dead letters than it has slots",
    file: dead,
    find: "this.#running < this.#options.slots",
    replace: "this.#running <= this.#options.slots",
    area,
  },
  {
    title: "handles one dead letter at a time only",
    file: dead,
    find: "this.#running < this.#options.slots",
    replace: "this.#running < 1",
    area,
  },
  {
    title: "forgets to free the slot of a dead letter",
    file: dead,
    find: "    this.#running--;\n",
    replace: "",
    area,
  },
  {
    title: "hands out dead letters after a cancel",
    file: dead,
    find: "return !this.#isCancelled && this.#running",
    replace: "return this.#running",
    area,
  },
  {
    title: "loses the dead letters of a consumer that closes",
    file: dead,
    find: "this.#waiting.unshift(...unhandled);",
    replace: "void unhandled;",
    area,
  },
  {
    title: "goes on with a dead letter after the close",
    file: dead,
    find: "    this.#held.clear();\n",
    replace: "",
    area,
  },
  {
    title: "hands a dead letter to each consumer",
    file: dead,
    find: "void consumer?.deliver(letter);",
    replace: "for (const each of this.#consumers) void each.deliver(letter);",
    area,
  },
  {
    title: "stays subscribed to dead letters after a cancel",
    file: dead,
    find: "get isSubscribed(): boolean {\n    return !this.#isCancelled;",
    replace: "get isSubscribed(): boolean {\n    return true;",
    area,
  },
];
