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
  {
    id: "STORE-1",
    sentence:
      "A task that is accepted is stored, announced and told of exactly as it was given, and nothing changes it.",
    source: "protocol.md, I1",
  },
  {
    id: "STORE-2",
    sentence:
      "Scheduling is idempotent by id: equal content is the same task, alive or done; other content is a conflict.",
    source: "protocol.md, I12",
  },
  {
    id: "STORE-3",
    sentence: "A timeout that has come by the store's clock, or is too far ahead, is refused and nothing is stored.",
    source: "protocol.md, Clock",
  },
  {
    id: "STORE-4",
    sentence: "The bytes of the Task JSON never change, and what runs is the stored task.",
    source: "protocol.md, I5",
  },
  {
    id: "STORE-5",
    sentence: "A done task is remembered for its retention time, and then nothing of it is left.",
    source: "protocol.md, I15",
  },
  {
    id: "STORE-6",
    sentence: "At most one claim token holds a task; its repeat gets the same answer, every other is held off.",
    source: "protocol.md, I3",
  },
  {
    id: "STORE-7",
    sentence: "Attempts strictly grow, whatever comes between two claims.",
    source: "protocol.md, I3",
  },
  {
    id: "STORE-8",
    sentence: "A claim decides each delivery: granted when due, early before, gone or expired after.",
    source: "protocol.md, Claim decides each delivery",
  },
  {
    id: "STORE-9",
    sentence: "A claim of a task whose lease has ended recovers it in place, as the sweeper would.",
    source: "protocol.md, Claim decides each delivery",
  },
  {
    id: "STORE-10",
    sentence: "A heartbeat renews the lease and tells the owner how long the task has and whether to stop.",
    source: "protocol.md, heartbeat answers",
  },
  {
    id: "STORE-11",
    sentence: "What an owner attaches and reports is kept as it was given, the last one.",
    source: "protocol.md, Store",
  },
  {
    id: "STORE-12",
    sentence: "An old attempt or another token changes nothing and is answered stale.",
    source: "protocol.md, I4",
  },
  {
    id: "STORE-13",
    sentence: "On a task that has ended otherwise its last owner is answered gone, earlier ones stale.",
    source: "protocol.md, Owner scripts",
  },
  {
    id: "STORE-14",
    sentence:
      "A task that is given up waits again: in a new run after a give-back or retry, in the same one after a hand-over.",
    source: "protocol.md, States",
  },
  {
    id: "STORE-15",
    sentence: "Failures are bounded; the task then ends as aborted with the last cause.",
    source: "protocol.md, I13",
  },
  {
    id: "STORE-16",
    sentence: "The repeat of a release or finish by the same owner gets the same answer and does nothing twice.",
    source: "protocol.md, Store",
  },
  {
    id: "STORE-17",
    sentence: "After somebody has asked for a task's end, nothing but that end comes: aborted, requested.",
    source: "protocol.md, States",
  },
  {
    id: "STORE-18",
    sentence: "Once its timeout has come, a task ends as timeout, whatever ends it.",
    source: "protocol.md, I10",
  },
  {
    id: "STORE-19",
    sentence: "The terminal event, the delete and the tombstone are one step, and nothing else is left.",
    source: "protocol.md, I2, I8",
  },
  {
    id: "STORE-20",
    sentence:
      "An abort ends a waiting task at once and leaves a running one to its owner; a second one gets the same answer.",
    source: "protocol.md, States",
  },
  {
    id: "STORE-21",
    sentence: "The sweeper ends every task whose timeout has come, in batches, and knows when the next is due.",
    source: "protocol.md, Sweeper",
  },
  {
    id: "STORE-22",
    sentence:
      "A task whose lease has ended waits again in the same run, or ends as lost when its failures are used up.",
    source: "protocol.md, Sweeper",
  },
  {
    id: "STORE-23",
    sentence: "A task is announced when it is due, and a new one is left to the API for 5 s.",
    source: "protocol.md, Sweeper",
  },
  {
    id: "STORE-24",
    sentence: "What is due goes to one sweeper at a time and comes back after 10 s, in bounded batches.",
    source: "protocol.md, Sweeper",
  },
  {
    id: "STORE-25",
    sentence: "A task waits in the outbox exactly while it is scheduled and not announced under its latest token.",
    source: "protocol.md, I7",
  },
  {
    id: "STORE-26",
    sentence: "Live tasks are listed newest first, in pages in which none comes twice and none is missed.",
    source: "http-api.md, list",
  },
  {
    id: "STORE-27",
    sentence: "Live tasks are counted by scheduler.",
    source: "http-api.md, schedulers",
  },
  {
    id: "STORE-28",
    sentence: "Given members of a registration replace, others stay; it is removed only while nothing of it lives.",
    source: "http-api.md, register",
  },
  {
    id: "STORE-29",
    sentence: "An instance lives while it is heard of, and brings its scheduler's registration.",
    source: "protocol.md, Registration",
  },
  {
    id: "STORE-30",
    sentence: "Those who wait for a task's end are told once.",
    source: "protocol.md, Hints",
  },
  {
    id: "STORE-31",
    sentence: "An instance is told what it is to stop.",
    source: "protocol.md, Hints",
  },
  {
    id: "STORE-32",
    sentence: "Events are told in pages from any position on, each once, those of a task in order.",
    source: "protocol.md, Store",
  },
  {
    id: "STORE-33",
    sentence: "Each task has exactly one terminal event, and nothing follows it.",
    source: "protocol.md, I1, I2",
  },
  {
    id: "STORE-34",
    sentence: "A closed store refuses everything, and closing twice does no harm.",
    source: "packages/store, TaskStore",
  },
  {
    id: "STORE-35",
    sentence: "From each state each operation leads where the transition table says, and nowhere else.",
    source: "packages/task, transitions",
  },
  {
    id: "STORE-36",
    sentence: "A lease keeper renews leases until they are removed, and tells each of their signals once.",
    source: "protocol.md, heartbeat answers",
  },
  {
    id: "STORE-37",
    sentence: "An owner is fenced on its own monotonic clock before its lease can have ended, however the store fails.",
    source: "protocol.md, I11",
  },
  {
    id: "STORE-38",
    sentence: "A stop for another attempt is ignored, and one for a task that is not known yet is remembered for 5 s.",
    source: "protocol.md, Hints",
  },
  {
    id: "STORE-39",
    sentence: "The contract suite fails a store that breaks it.",
    source: "quality.md, Tests",
  },
  {
    id: "STORE-40",
    sentence: "What the in-process store keeps for later is bounded.",
    source: "protocol.md, Store",
  },

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
  {
    id: "OPS-2",
    sentence:
      "Every service keeps one contract of start and stop: repeated, early, late and mixed calls leave nothing running.",
    source: "internal/service-contract",
  },
];
