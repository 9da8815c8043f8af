/**
 * What Mayfly promises, one sentence each. A test that proves a promise names its id in the title:
 * `it("[STORE-1] gives a task to one owner", …)`. `requirements.test.ts` fails for a promise that no test names,
 * for an id that is not listed here, and for one that is listed twice.
 */
export interface Requirement {
  /** The area and a number; numbers are never given again. */
  readonly id: `${Uppercase<string>}-${number}`;
  /** The promise, in one sentence. */
  readonly sentence: string;
  /** Where it comes from: a document and its section. */
  readonly source: string;
}

export const requirements: readonly Requirement[] = [
  // TASK: the vocabulary

  // STORE: the port and both stores

  // QUEUE: the port and both queues

  // RUN: the port and the runtimes

  // DISP: the dispatcher

  // SWEEP: the sweeper

  // SDK: the front door for scheduler authors

  // HTTP: the API

  // CLIENT: the client

  // APP: the programs

  // E2E: the whole system

  // PKG: what is published
  {
    id: "PKG-1",
    sentence: "The exported names of every package are pinned; a change of them is a decision.",
    source: "CONTRIBUTING.md, While you work",
  },
  {
    id: "PKG-2",
    sentence: "The sources keep the rules of style that a machine can check.",
    source: "CONTRIBUTING.md, Before you send a change",
  },
  {
    id: "PKG-3",
    sentence: "Every promise of this list is named by a test.",
    source: "CONTRIBUTING.md, While you work",
  },

  // OPS: servers for tests, and how the repository runs
  {
    id: "OPS-1",
    sentence: "Servers for tests are private, keep their data over a restart, and never outlive the test process.",
    source: "internal/test-services",
  },
];
