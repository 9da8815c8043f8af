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
  /** Where it is written down: a file of this repository, and the place in it. */
  readonly source: string;
}

export const requirements: readonly Requirement[] = [
  // TASK: the vocabulary
  {
    id: "TASK-1",
    sentence: "A task has exactly an id (a UUID, lower case), attributes (an object), a scheduler and a timeout.",
    source: "docs/architecture.md",
  },
  {
    id: "TASK-2",
    sentence: "A scheduler's name is 1 to 63 of a-z, 0-9, dot, underscore and hyphen, and neither amq.* nor mayfly.*.",
    source: "docs/http-api.md, SchedulerView",
  },
  {
    id: "TASK-3",
    sentence:
      "JSON deeper than 32 levels, with a member named __proto__ at any depth or a number too large for a double, is refused with its path.",
    source: "docs/http-api.md, Codes",
  },
  {
    id: "TASK-4",
    sentence:
      "Times are read as ISO 8601 with a zone and written as UTC with milliseconds; the default timeout is so many hours after now.",
    source: "docs/http-api.md, head",
  },
  {
    id: "TASK-5",
    sentence: "The transition table leads from every live state to done, and never back from aborting.",
    source: "docs/protocol.md, States",
  },

  // SERV
  {
    id: "SERV-1",
    sentence:
      "A service starts once for any number of calls, stops once, and can be started again after a stop or a failed start.",
    source: "REVIEW.md",
  },
  {
    id: "SERV-2",
    sentence:
      "Time is a port: timers fire in order, a wait ends at its time or at its signal and leaves nothing behind.",
    source: "REVIEW.md",
  },
  {
    id: "SERV-3",
    sentence: "Repeats back off with full jitter up to a limit.",
    source: "docs/protocol.md, Queue",
  },
  {
    id: "SERV-4",
    sentence:
      "A service stops, and leaves nothing running, although what it needs is away; when that is there again, it starts.",
    source: "REVIEW.md",
  },

  // STORE: the port and both stores
  {
    id: "STORE-1",
    sentence:
      "A task that is accepted is stored, announced and told of exactly as it was given, and nothing changes it.",
    source: "docs/protocol.md, I1",
  },
  {
    id: "STORE-2",
    sentence:
      "Scheduling is idempotent by id: equal content is the same task, alive or done; other content, timeout or notBefore is a conflict.",
    source: "docs/protocol.md, I12",
  },
  {
    id: "STORE-3",
    sentence: "A timeout that has come by the store's clock, or is too far ahead, is refused and nothing is stored.",
    source: "docs/protocol.md, Clock",
  },
  {
    id: "STORE-4",
    sentence: "The bytes of the Task JSON never change, and what runs is the stored task.",
    source: "docs/protocol.md, I5",
  },
  {
    id: "STORE-5",
    sentence: "A done task is remembered for its retention time, and then nothing of it is left.",
    source: "docs/protocol.md, I15",
  },
  {
    id: "STORE-6",
    sentence: "At most one claim token holds a task; its repeat gets the same answer, every other is held off.",
    source: "docs/protocol.md, I3",
  },
  {
    id: "STORE-7",
    sentence: "Attempts strictly grow, whatever comes between two claims.",
    source: "docs/protocol.md, I3",
  },
  {
    id: "STORE-8",
    sentence: "A claim decides each delivery: granted when due, early before, gone or expired after.",
    source: "docs/protocol.md, Claim decides each delivery",
  },
  {
    id: "STORE-9",
    sentence: "A claim of a task whose lease has ended recovers it in place, as the sweeper would.",
    source: "docs/protocol.md, Claim decides each delivery",
  },
  {
    id: "STORE-10",
    sentence: "A heartbeat renews the lease and tells the owner how long the task has and whether to stop.",
    source: "docs/protocol.md, heartbeat answers",
  },
  {
    id: "STORE-11",
    sentence: "What an owner attaches and reports is kept as it was given, the last one.",
    source: "docs/protocol.md, Store",
  },
  {
    id: "STORE-12",
    sentence: "An old attempt or another token changes nothing and is answered stale.",
    source: "docs/protocol.md, I4",
  },
  {
    id: "STORE-13",
    sentence: "On a task that has ended otherwise its last owner is answered gone, earlier ones stale.",
    source: "docs/protocol.md, Owner scripts",
  },
  {
    id: "STORE-14",
    sentence:
      "A task that is given up waits again: in a new run after a give-back or retry, in the same one after a hand-over.",
    source: "docs/protocol.md, States",
  },
  {
    id: "STORE-15",
    sentence: "Failures are bounded; the task then ends as aborted with the last cause.",
    source: "docs/protocol.md, I13",
  },
  {
    id: "STORE-16",
    sentence: "The repeat of a release or finish by the same owner gets the same answer and does nothing twice.",
    source: "docs/protocol.md, Store",
  },
  {
    id: "STORE-17",
    sentence: "After somebody has asked for a task's end, nothing but that end comes: aborted, requested.",
    source: "docs/protocol.md, States",
  },
  {
    id: "STORE-18",
    sentence: "Once its timeout has come, a task ends as timeout, whatever ends it.",
    source: "docs/protocol.md, I10",
  },
  {
    id: "STORE-19",
    sentence: "The terminal event, the delete and the tombstone are one step, and nothing else is left.",
    source: "docs/protocol.md, I2, I8",
  },
  {
    id: "STORE-20",
    sentence:
      "An abort ends a waiting task at once and leaves a running one to its owner; a second one gets the same answer.",
    source: "docs/protocol.md, States",
  },
  {
    id: "STORE-21",
    sentence: "The sweeper ends every task whose timeout has come, in batches, and knows when the next is due.",
    source: "docs/protocol.md, Sweeper",
  },
  {
    id: "STORE-22",
    sentence:
      "A task whose lease has ended waits again in the same run, or ends as lost when its failures are used up.",
    source: "docs/protocol.md, Sweeper",
  },
  {
    id: "STORE-23",
    sentence: "A task is announced when it is due, and a new one is left to the API for 5 s.",
    source: "docs/protocol.md, Sweeper",
  },
  {
    id: "STORE-24",
    sentence: "What is due goes to one sweeper at a time and comes back after 10 s, in bounded batches.",
    source: "docs/protocol.md, Sweeper",
  },
  {
    id: "STORE-25",
    sentence: "A task waits in the outbox exactly while it is scheduled and not announced under its latest token.",
    source: "docs/protocol.md, I7",
  },
  {
    id: "STORE-26",
    sentence: "Live tasks are listed newest first, in pages in which none comes twice and none is missed.",
    source: "docs/http-api.md, list",
  },
  {
    id: "STORE-27",
    sentence: "Live tasks are counted by scheduler.",
    source: "docs/http-api.md, schedulers",
  },
  {
    id: "STORE-28",
    sentence: "Given members of a registration replace, others stay; it is removed only while nothing of it lives.",
    source: "docs/http-api.md, register",
  },
  {
    id: "STORE-29",
    sentence: "An instance lives while it is heard of, and brings its scheduler's registration.",
    source: "docs/protocol.md, Registration",
  },
  {
    id: "STORE-30",
    sentence: "Those who wait for a task's end are told once.",
    source: "docs/protocol.md, Hints",
  },
  {
    id: "STORE-31",
    sentence: "An instance is told what it is to stop.",
    source: "docs/protocol.md, Hints",
  },
  {
    id: "STORE-32",
    sentence: "Events are told in pages from any position on, each once, those of a task in order.",
    source: "docs/protocol.md, Store",
  },
  {
    id: "STORE-33",
    sentence: "Each task has exactly one terminal event, and nothing follows it.",
    source: "docs/protocol.md, I1, I2",
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
    source: "docs/protocol.md, heartbeat answers",
  },
  {
    id: "STORE-37",
    sentence: "An owner is fenced on its own monotonic clock before its lease can have ended, however the store fails.",
    source: "docs/protocol.md, I11",
  },
  {
    id: "STORE-38",
    sentence: "A stop for another attempt is ignored, and one for a task that is not known yet is remembered for 5 s.",
    source: "docs/protocol.md, Hints",
  },
  {
    id: "STORE-39",
    sentence: "The contract suite fails a store that breaks it.",
    source: "CONTRIBUTING.md",
  },
  {
    id: "STORE-40",
    sentence: "What the in-process store keeps for later is bounded.",
    source: "docs/protocol.md, Store",
  },
  {
    id: "STORE-41",
    sentence:
      "A task whose record is missing is lost only if it was scheduled in a gap and has left no tombstone; else it is gone.",
    source: "docs/protocol.md, Store",
  },
  {
    id: "STORE-42",
    sentence:
      "A claim makes a lost task anew from its announcement, once, and only when asked; with a record there that changes nothing.",
    source: "docs/adr/0010-gaps-restore-and-lost.md",
  },
  {
    id: "STORE-43",
    sentence: "A lost task whose timeout has come ends as timed out, once, whoever finds it first.",
    source: "docs/adr/0010-gaps-restore-and-lost.md",
  },
  {
    id: "STORE-44",
    sentence: "Each step of the owner of a lost task answers lost and changes nothing.",
    source: "docs/adr/0010-gaps-restore-and-lost.md",
  },
  {
    id: "STORE-45",
    sentence: "An owner writes the record of a lost task back as it was; a repeat does nothing twice.",
    source: "docs/adr/0010-gaps-restore-and-lost.md",
  },
  {
    id: "STORE-46",
    sentence:
      "Restoring never replaces a record, never takes a task from another owner and never brings back what has ended.",
    source: "docs/adr/0010-gaps-restore-and-lost.md",
  },
  {
    id: "STORE-47",
    sentence:
      "What is left of a task that was scheduled in a gap is kept until its timeout, so that no copy runs it again.",
    source: "docs/adr/0010-gaps-restore-and-lost.md",
  },
  {
    id: "STORE-48",
    sentence: "The tasks that wait although they were announced long ago can be listed, the longest first.",
    source: "docs/protocol.md, Sweeper",
  },
  {
    id: "STORE-49",
    sentence: "A waiting task is overtaken when one of its scheduler was claimed that was announced so much later.",
    source: "docs/protocol.md, Sweeper",
  },
  {
    id: "STORE-50",
    sentence: "A task is announced again only by the token of its latest announcement, and then under a new one.",
    source: "docs/protocol.md, Sweeper, I7",
  },
  {
    id: "STORE-51",
    sentence:
      "A task that could not be delivered waits again with one failure more, and ends as undeliverable when they are used up.",
    source: "docs/state-machine.md, How a task ends",
  },
  {
    id: "STORE-52",
    sentence: "An old message that could not be delivered changes nothing.",
    source: "docs/state-machine.md, How a task ends",
  },
  {
    id: "STORE-54",
    sentence: "A beat stores the registration of its scheduler if it is missing, and else leaves it.",
    source: "docs/protocol.md, Registration",
  },
  {
    id: "STORE-55",
    sentence:
      "A lease keeper tells that a task is lost, goes on counting, and keeps the lease of one that is restored.",
    source: "docs/state-machine.md, What an owner is answered",
  },
  {
    id: "STORE-57",
    sentence: "A page of events tells when some before it are missing.",
    source: "packages/store, EventPage",
  },
  {
    id: "STORE-58",
    sentence: "Gaps hold what was scheduled at their ends too, and are dropped when all of it has timed out.",
    source: "docs/adr/0010-gaps-restore-and-lost.md",
  },
  {
    id: "STORE-59",
    sentence: "The indexes of the store in memory are true to its records after each step, and empty once all is done.",
    source: "docs/protocol.md, I7, I8, I15",
  },
  {
    id: "STORE-70",
    sentence:
      "A claim that does not reach the scope in which work may be running leaves it alone: elsewhere, due again after 5 s.",
    source: "docs/state-machine.md, What a claim answers",
  },
  {
    id: "STORE-71",
    sentence: "A claim starts work anew, as the next run and without its handle, whose scope it calls abandoned.",
    source: "docs/state-machine.md, What a claim answers",
  },
  {
    id: "STORE-72",
    sentence: "Work without a scope is granted to everyone, and all work to a claimer who names no scopes.",
    source: "docs/state-machine.md, What a claim answers",
  },
  {
    id: "STORE-73",
    sentence: "An instance's entry says in which scope its work can be found again, if it has one.",
    source: "packages/task, Instance",
  },
  {
    id: "STORE-74",
    sentence:
      "An owner that vanishes costs its task no failure while the handle of work is stored that outlives it; the task's end is decided as ever.",
    source: "docs/protocol.md, Work elsewhere, I13",
  },
  {
    id: "STORE-75",
    sentence:
      "Work whose owner has vanished, and whose scope is abandoned, is one failure; the task is lost when they are used up.",
    source: "docs/protocol.md, Work elsewhere, I13",
  },
  {
    id: "STORE-80",
    sentence:
      "The store says which run of a live task counts, and where its work is once it has been started; both stay when its owner vanishes or hands it over.",
    source: "docs/protocol.md, Work elsewhere",
  },
  {
    id: "STORE-81",
    sentence: "A task that is done is gone for whoever asks which of its runs counts.",
    source: "docs/protocol.md, Work elsewhere",
  },
  {
    id: "STORE-82",
    sentence: "The store does not know which run counts of a task that it may have lost, until that is brought back.",
    source: "docs/protocol.md, Work elsewhere",
  },
  {
    id: "STORE-83",
    sentence:
      "A task of which the store has nothing is gone only when it has no gap and its server is still the same; asking changes nothing.",
    source: "docs/protocol.md, Work elsewhere",
  },

  // LOG: what tasks say
  {
    id: "LOG-1",
    sentence: "The log of a task is one text of all its attempts, which is read from any place on in whole characters.",
    source: "packages/store, TaskStore.appendLog",
  },
  {
    id: "LOG-2",
    sentence: "A log takes 1 MiB, then a line that says that it is cut, and nothing more.",
    source: "packages/store, maxLogBytes",
  },
  {
    id: "LOG-3",
    sentence: "Only the owner of a task adds to its log.",
    source: "packages/store, TaskStore.appendLog",
  },
  {
    id: "LOG-4",
    sentence: "A log is kept as long as the task is known, and no longer.",
    source: "docs/wire-format.md, Redis",
  },
  {
    id: "LOG-5",
    sentence: "Who reads a log is told when nothing more will come, and when there is no such task.",
    source: "packages/store, LogPage",
  },
  {
    id: "LOG-6",
    sentence:
      "Who goes on with the work of an earlier owner is told until when the log has what that work says, if that is known.",
    source: "packages/store, Granted",
  },
  {
    id: "LOG-7",
    sentence:
      "A scheduler stores with its lines until when the work had said them, never later than that, and tells a run that it adopts.",
    source: "docs/runtime.md, What a run says",
  },

  // REDIS: the store on Redis
  {
    id: "REDIS-1",
    sentence:
      "The store on Redis answers like the store in memory, whatever is done, and its indexes are true to its records after each step (I7, I8).",
    source: "docs/protocol.md, Invariants; CONTRIBUTING.md",
  },
  {
    id: "REDIS-2",
    sentence:
      "While Redis is away every call fails at once, and when it is back the same store goes on, hints included.",
    source: "docs/protocol.md, Store",
  },
  {
    id: "REDIS-3",
    sentence:
      "A call ends in its time whatever becomes of Redis; a schedule, claim or heartbeat that was given up changes nothing later; a connection without a word is replaced.",
    source: "docs/protocol.md, Store",
  },
  {
    id: "REDIS-4",
    sentence: "A call is tried again within its time while Redis says that it cannot answer now.",
    source: "docs/protocol.md, Store",
  },
  {
    id: "REDIS-5",
    sentence:
      "Opening waits until Redis is there and has loaded its data, ends when the store is closed, and fails when Redis lets nobody in.",
    source: "docs/protocol.md, Store",
  },
  {
    id: "REDIS-6",
    sentence:
      "The number of shards and the format are settled when a store is new; a store that does not fit is refused, also after a reconnect.",
    source: "docs/protocol.md, Store",
  },
  {
    id: "REDIS-7",
    sentence: "A Redis without an append-only file or with eviction is refused in production, and warned of elsewhere.",
    source: "docs/protocol.md, Store",
  },
  {
    id: "REDIS-8",
    sentence:
      "Each script says what it is for, what it takes and gives and why it is atomic, and the generated scripts are fresh.",
    source: "REVIEW.md",
  },
  {
    id: "REDIS-9",
    sentence: "A Redis that has forgotten the scripts is given them again.",
    source: "docs/protocol.md, Store",
  },
  {
    id: "REDIS-10",
    sentence: "A Redis that is out of memory accepts no new task, and those that it has come to their end.",
    source: "docs/protocol.md, Store",
  },
  {
    id: "REDIS-11",
    sentence: "A shard keeps no more tombstones, and about no more events, than it may.",
    source: "docs/protocol.md, Store",
  },
  {
    id: "REDIS-12",
    sentence: "When all tasks are done and their tombstones have expired, the keys are back at the baseline (I15).",
    source: "docs/protocol.md, Invariants",
  },
  {
    id: "REDIS-13",
    sentence:
      "The listeners of a channel share one subscription and cannot harm each other, and none misses what comes with it.",
    source: "docs/protocol.md, Store",
  },
  {
    id: "REDIS-14",
    sentence:
      "Tests get a private Redis Cluster whose primaries can be killed, come back with their data, and are replaced by their replicas.",
    source: "CONTRIBUTING.md",
  },
  {
    id: "REDIS-15",
    sentence: "Opening fails when no node of a Redis Cluster lets anybody in, or when the servers are none.",
    source: "docs/protocol.md, Store",
  },
  {
    id: "REDIS-16",
    sentence:
      "A store that is new, a server that has started anew and one that has taken over open a gap: what was scheduled in it counts as lost, nothing else does, and it is dropped when that has timed out.",
    source: "docs/protocol.md, Store",
  },
  {
    id: "REDIS-17",
    sentence:
      "After a wipe, or when Redis was killed and has lost its last writes, whoever has a copy of a task brings it back, exactly one of them, and it comes to its end.",
    source: "docs/protocol.md, Store",
  },
  {
    id: "REDIS-18",
    sentence:
      "A Redis that is out of memory still decides about claims, ends, announcements and dead letters; what needs a new record is to be repeated.",
    source: "docs/protocol.md, Store",
  },
  {
    id: "REDIS-19",
    sentence:
      "On a Redis Cluster nothing that was accepted is lost when a replica takes over from a primary, or a primary loses its data.",
    source: "docs/protocol.md, Store",
  },
  {
    id: "REDIS-40",
    sentence:
      "Leases are renewed by a thread with connections of its own: a main thread that is blocked for longer than a lease loses none.",
    source: "docs/adr/0011-heartbeat-thread.md",
  },
  {
    id: "REDIS-41",
    sentence:
      "After a block of the event loop what the thread has told is heard before a fence counts, and a fence is told at once.",
    source: "docs/adr/0011-heartbeat-thread.md",
  },
  {
    id: "REDIS-42",
    sentence:
      "A thread that ends or falls silent is replaced and the next one gets all leases; the main thread fences in time whatever becomes of it.",
    source: "docs/adr/0011-heartbeat-thread.md",
  },
  {
    id: "REDIS-43",
    sentence:
      "A lease keeper is ready when its thread has connected, says when it never can, and keeps what is added before.",
    source: "docs/adr/0011-heartbeat-thread.md",
  },
  {
    id: "REDIS-44",
    sentence: "The thread neither keeps the process alive nor outlives its keeper, and a missing file is named.",
    source: "docs/adr/0011-heartbeat-thread.md",
  },
  {
    id: "REDIS-45",
    sentence:
      "Each signal of the thread is told once, a lost record each time; a restored lease begins anew in both threads.",
    source: "docs/adr/0011-heartbeat-thread.md",
  },
  {
    id: "REDIS-46",
    sentence: "The thread goes on renewing when Redis has been away for less than the fence.",
    source: "docs/adr/0011-heartbeat-thread.md",
  },

  // QUEUE: the port and both queues
  {
    id: "QUEUE-1",
    sentence: "A queue is declared as often as one likes; what waits in it stays.",
    source: "README.md",
  },
  {
    id: "QUEUE-2",
    sentence: "The number of messages that wait is told, and none for a queue that nobody has declared.",
    source: "docs/architecture.md, The two ports in short",
  },
  {
    id: "QUEUE-3",
    sentence: "A queue is removed with all that waits in it; a consumer of it goes on when there is one again.",
    source: "docs/architecture.md, The two ports in short",
  },
  {
    id: "QUEUE-4",
    sentence: "A message is handed over with every byte of its body and all that it was published with.",
    source: "docs/protocol.md, I5",
  },
  {
    id: "QUEUE-5",
    sentence: "A publish is answered unroutable when, and only when, its queue does not exist.",
    source: "docs/protocol.md, Queue: Publish",
  },
  {
    id: "QUEUE-6",
    sentence: "A queue hands out its messages in the order in which they were published.",
    source: "docs/protocol.md, Sweeper: re-announce",
  },
  {
    id: "QUEUE-7",
    sentence: "To consume a queue declares it.",
    source: "docs/architecture.md, The two ports in short",
  },
  {
    id: "QUEUE-8",
    sentence: "Each message goes to exactly one of the consumers of its queue, and all of them take part.",
    source: "docs/architecture.md",
  },
  {
    id: "QUEUE-9",
    sentence: "A consumer handles as many messages at a time as it has slots, and never more.",
    source: "docs/protocol.md, I9",
  },
  {
    id: "QUEUE-10",
    sentence: "A message whose handling has succeeded is not handed out again.",
    source: "docs/protocol.md, Queue: Consumer window",
  },
  {
    id: "QUEUE-11",
    sentence: "A message whose handling has failed is handed out again, and says so.",
    source: "docs/architecture.md, The two ports in short",
  },
  {
    id: "QUEUE-12",
    sentence: "A message that is dropped is not handed out again.",
    source: "docs/protocol.md, Claim decides each delivery",
  },
  {
    id: "QUEUE-13",
    sentence: "An owned delivery that is handled for long keeps neither other slots nor other consumers from working.",
    source: "docs/protocol.md, Queue: Consumer window",
  },
  {
    id: "QUEUE-14",
    sentence: "After a cancel nothing more is delivered, and what runs goes on.",
    source: "docs/protocol.md, Shutdown",
  },
  {
    id: "QUEUE-15",
    sentence: "A consumer that closes gives back what is not owned, and nothing else.",
    source: "docs/protocol.md, Shutdown",
  },
  {
    id: "QUEUE-16",
    sentence: "A closed queue publishes, consumes and opens nothing, and says so.",
    source: "REVIEW.md",
  },
  {
    id: "QUEUE-17",
    sentence: "The contract suite finds planted bugs.",
    source: "CONTRIBUTING.md",
  },
  {
    id: "QUEUE-18",
    sentence:
      "What is dropped becomes a dead letter, whole, with the queue in which it died and the reason; it is kept until somebody takes it.",
    source: "docs/wire-format.md, RabbitMQ",
  },
  {
    id: "QUEUE-19",
    sentence: "A dead letter that was handled is not handed out again.",
    source: "docs/wire-format.md, RabbitMQ",
  },
  {
    id: "QUEUE-20",
    sentence:
      "A dead letter whose handling failed comes again after a second, as often as it takes, and keeps no others from being handled.",
    source: "docs/wire-format.md, RabbitMQ",
  },
  {
    id: "QUEUE-21",
    sentence: "A consumer handles as many dead letters at a time as it has slots, and never more.",
    source: "docs/wire-format.md, RabbitMQ",
  },
  {
    id: "QUEUE-22",
    sentence:
      "A consumer of dead letters that is cancelled is handed no more, and one that closes gives back what it has not handled.",
    source: "docs/wire-format.md, RabbitMQ",
  },
  {
    id: "AMQP-1",
    sentence: "Exchanges, queues and bindings are declared exactly as the protocol says, queues without a prefix.",
    source: "docs/protocol.md, Queue: Declare exactly",
  },
  {
    id: "AMQP-2",
    sentence: "A queue with other arguments is refused as a conflict, and nothing else is hurt.",
    source: "docs/protocol.md, Queue: Declare exactly",
  },
  {
    id: "AMQP-3",
    sentence: "To publish needs the right to write to one exchange only.",
    source: "docs/protocol.md, Queue: Queue name",
  },
  {
    id: "AMQP-4",
    sentence: "A message is the task's bytes, with the properties and headers of the protocol.",
    source: "docs/protocol.md, Queue: Message",
  },
  {
    id: "AMQP-5",
    sentence:
      "A message that cannot be read, is of an unknown major version, in a wrong queue or dropped goes to the dead letters.",
    source: "docs/protocol.md, Claim decides each delivery",
  },
  {
    id: "AMQP-6",
    sentence:
      "No more publishes than the window are in flight; one that is not confirmed in time, or not taken, is unknown.",
    source: "docs/protocol.md, Queue: Publish",
  },
  {
    id: "AMQP-7",
    sentence:
      "During a memory alarm publishes are unknown at once, late confirms count, and the publisher comes back after each failure.",
    source: "docs/protocol.md, Queue: Publish",
  },
  {
    id: "AMQP-8",
    sentence: "An acknowledgement is held while the task runs, at most for holdMs once it is owned.",
    source: "docs/protocol.md, Queue: Consumer window",
  },
  {
    id: "AMQP-9",
    sentence: "The consumer window never exceeds the slots, and uses every free one again.",
    source: "docs/protocol.md, I9",
  },
  {
    id: "AMQP-10",
    sentence: "What is not owned after holdMs goes back once, and nothing is taken until the store answers.",
    source: "docs/protocol.md, Claim decides each delivery",
  },
  {
    id: "AMQP-11",
    sentence: "A consumer that the broker cancels is set up again, with its queue.",
    source: "docs/protocol.md, Queue: Consume",
  },
  {
    id: "AMQP-12",
    sentence: "A close loses no acknowledgement.",
    source: "docs/protocol.md, Queue: An ack is never known to have arrived",
  },
  {
    id: "AMQP-13",
    sentence:
      "A broker that refuses the user or the virtual host ends the opening with a sentence that holds no credentials; so does an address that is none.",
    source: "docs/operations.md, Settings",
  },
  {
    id: "AMQP-14",
    sentence: "No credentials are logged.",
    source: "REVIEW.md",
  },
  {
    id: "AMQP-20",
    sentence:
      "After an outage of the broker everything goes on: publishes, queues declared meanwhile, consumers, and what was held.",
    source: "docs/operations.md",
  },
  {
    id: "AMQP-21",
    sentence: "Opening lasts until the broker is there, and loses nothing that was asked for before.",
    source: "docs/architecture.md, The two ports in short",
  },
  {
    id: "AMQP-22",
    sentence: "A queue can be closed while the broker is away.",
    source: "REVIEW.md",
  },
  {
    id: "AMQP-23",
    sentence: "A broker that is short of memory holds up no question, and loses nothing that it took.",
    source: "docs/protocol.md, Queue: Publish",
  },
  {
    id: "AMQP-24",
    sentence: "A broker that answers nothing holds up no close.",
    source: "docs/protocol.md, Shutdown",
  },
  {
    id: "AMQP-25",
    sentence: "A consumer is renewed when the window is too narrow, and not before.",
    source: "docs/protocol.md, Queue: Consumer window",
  },
  {
    id: "AMQP-26",
    sentence: "What is held too long, and what was taken back undecided, is known.",
    source: "docs/protocol.md, Queue: Consumer window",
  },
  {
    id: "AMQP-28",
    sentence: "A connection that is lost is made again, and nothing that was confirmed is lost with it.",
    source: "docs/protocol.md, Queue: Reconnect",
  },
  {
    id: "AMQP-29",
    sentence: "A closed queue leaves no connection and no socket behind.",
    source: "REVIEW.md",
  },
  {
    id: "AMQP-30",
    sentence:
      "A lost connection is made again after a random wait of at most 100 ms, doubled with each failure up to 5 s; of several nodes any is asked first, then the next.",
    source: "docs/protocol.md, Queue: Reconnect",
  },
  {
    id: "AMQP-31",
    sentence:
      "A connection over which nothing comes any more is noticed by heartbeats and given up, and a node that says nothing is passed over.",
    source: "docs/protocol.md, Queue: Reconnect",
  },
  {
    id: "AMQP-32",
    sentence:
      "A consumer that the broker has cancelled, or whose channel it has closed because an acknowledgement took too long, comes back, and no other is disturbed.",
    source: "docs/protocol.md, Queue: Consume",
  },
  {
    id: "AMQP-33",
    sentence: "A slow broker makes everything slow, and nothing wrong.",
    source: "docs/protocol.md, Queue",
  },
  {
    id: "AMQP-34",
    sentence: "A queue is closed at once while it connects.",
    source: "docs/protocol.md, Shutdown",
  },
  {
    id: "AMQP-35",
    sentence: "A channel that is lost while it is set up is made again, once.",
    source: "docs/protocol.md, Queue: Reconnect",
  },
  {
    id: "AMQP-36",
    sentence:
      "A dead letter tells all that its message and the broker say, and reads it as the scheduler that it was sent to.",
    source: "docs/wire-format.md, RabbitMQ",
  },
  {
    id: "AMQP-37",
    sentence: "A dead letter is held until it has been handled, whatever happens to the connection meanwhile.",
    source: "docs/wire-format.md, RabbitMQ",
  },
  {
    id: "AMQP-38",
    sentence: "A RabbitMQ cluster of which a node is killed and comes back under load delivers all that was confirmed.",
    source: "docs/operations.md, Scaling",
  },
  {
    id: "AMQP-39",
    sentence:
      "A broker that refuses messages is asked over a new channel now and then, and what the old one owes is waited for.",
    source: "docs/protocol.md, Queue: Publish",
  },

  // RUN: the port and the runtimes
  {
    id: "RUN-1",
    sentence:
      "Any number of waits get the same result, a value, before and after the end; of a destroyed run they are told that it is gone.",
    source: "docs/runtime.md, Runtimes",
  },
  {
    id: "RUN-2",
    sentence: "A task runs the handler that it names; without one it is rejected with the names that are known.",
    source: "docs/runtime.md, InlineRuntime",
  },
  {
    id: "RUN-3",
    sentence: "A handler gets a copy of the task that is its own.",
    source: "docs/runtime.md, Handlers",
  },
  {
    id: "RUN-4",
    sentence:
      "What a handler returns is its result as JSON says it; what it throws, and what JSON cannot say, is a failure with a message.",
    source: "docs/runtime.md, Handlers",
  },
  {
    id: "RUN-5",
    sentence: "A handler that calls reject is rejected, whatever the code around makes of what reject throws.",
    source: "docs/runtime.md, Handlers",
  },
  {
    id: "RUN-6",
    sentence: "A handler begins a turn after its start has resolved, and not at all when it was told to end by then.",
    source: "docs/runtime.md, InlineRuntime",
  },
  {
    id: "RUN-7",
    sentence: "A handler hears through a signal of its own why it is to end, and nothing listens once it has ended.",
    source: "docs/runtime.md, Handlers",
  },
  {
    id: "RUN-8",
    sentence:
      "A handler that goes on after the grace of a stop is left to itself, with a warning, and its run ends when it returns.",
    source: "docs/runtime.md, InlineRuntime",
  },
  {
    id: "RUN-9",
    sentence: "A run is found by its handle in the process that started it, by its own owner, until it is destroyed.",
    source: "docs/runtime.md, InlineRuntime",
  },
  {
    id: "RUN-10",
    sentence: "The contract suite fails a runtime that breaks it.",
    source: "docs/runtime.md, contract",
  },
  {
    id: "RUN-11",
    sentence:
      "Work that ends well is complete and work that fails has failed, with what it returned or said where the environment can tell.",
    source: "docs/runtime.md, Result",
  },
  {
    id: "RUN-12",
    sentence: "A start gives a versioned JSON handle for a task and run; what exists under that name is adopted.",
    source: "docs/runtime.md, Names",
  },
  {
    id: "RUN-13",
    sentence: "A start that fails says whether that is final, and leaves nothing behind.",
    source: "docs/runtime.md, Runtimes",
  },
  {
    id: "RUN-14",
    sentence:
      "A stop ends this work and no other, before, while and after it runs, and changes no end that came before it.",
    source: "docs/runtime.md, Runtimes",
  },
  {
    id: "RUN-15",
    sentence:
      "A stop comes back when its grace is over; where the environment can, work that goes on is ended by force.",
    source: "docs/runtime.md, Runtimes",
  },
  {
    id: "RUN-16",
    sentence: "A driver stops work when it is told to stop it, not because the owner's signal has fired.",
    source: "docs/runtime.md, Drivers never stop work",
  },
  {
    id: "RUN-17",
    sentence: "The environment ends work at its deadline; neither big output nor a broken log stream changes a result.",
    source: "docs/runtime.md, Logs, deadline",
  },
  {
    id: "RUN-18",
    sentence: "Destroying a run leaves nothing of it, any number of times.",
    source: "docs/runtime.md, Runtimes",
  },
  {
    id: "RUN-19",
    sentence:
      "What a recoverable runtime has started is waited for, stopped, adopted and listed by the process that comes next.",
    source: "docs/runtime.md, Recoverable",
  },
  {
    id: "RUN-20",
    sentence: "A runtime has the abilities that it is said to have, and no others.",
    source: "docs/runtime.md, contract",
  },
  {
    id: "RUN-30",
    sentence: "A reaper looks when it starts and each minute, give or take a tenth.",
    source: "docs/runtime.md, The reaper",
  },
  {
    id: "RUN-31",
    sentence: "A reaper keeps what is wanted, and stops and destroys at once what is gone.",
    source: "docs/runtime.md, The reaper",
  },
  {
    id: "RUN-32",
    sentence: "A reaper removes what is unwanted only when each look for five minutes has said so.",
    source: "docs/runtime.md, The reaper",
  },
  {
    id: "RUN-33",
    sentence:
      "What a reaper cannot list, ask about, stop or destroy is left to its next look and holds up nothing else.",
    source: "docs/runtime.md, The reaper",
  },
  {
    id: "RUN-34",
    sentence:
      "A reaper removes a run once at a time, and waits neither for an answer nor, beyond the grace, for a removal longer than a minute.",
    source: "docs/runtime.md, The reaper",
  },
  {
    id: "RUN-35",
    sentence: "A reaper that is told to stop begins no removal and waits for those under way.",
    source: "docs/runtime.md, The reaper",
  },
  {
    id: "RUN-36",
    sentence: "Several reapers of one scope do each other no harm.",
    source: "docs/runtime.md, The reaper",
  },
  {
    id: "RUN-37",
    sentence:
      "A task chooses by name among what a spec permits, gets the only choice when it names none, and is told the names when there is no such one.",
    source: "docs/runtime.md, A runtime of your own",
  },
  {
    id: "RUN-38",
    sentence:
      "A command learns from the same variables in every runtime which task, attempt, run, deadline and trace it belongs to.",
    source: "docs/runtime.md, What a command is told",
  },
  {
    id: "RUN-39",
    sentence: "A task that is larger than 64 KiB of JSON is rejected where it has to fit into a variable.",
    source: "docs/runtime.md, DockerRuntime",
  },
  {
    id: "RUN-40",
    sentence:
      "A start whose owner is told to stop meanwhile gives a run that can be stopped, or fails and lets no work begin.",
    source: "docs/runtime.md, What a runtime keeps",
  },
  {
    id: "RUN-41",
    sentence: "A claim whose work cannot outlive its process never has, stops or removes the work of another claim.",
    source: "docs/runtime.md, What a runtime keeps",
  },

  // PROC: the runtime on processes
  {
    id: "PROC-1",
    sentence: "A spec of commands is refused with the place of its fault, and its defaults are filled in.",
    source: "docs/runtime.md, ProcessRuntime",
  },
  {
    id: "PROC-2",
    sentence:
      "A task names a command of the spec and fills in its parameters as far as their patterns allow; no value becomes a program or an option.",
    source: "docs/runtime.md, ProcessRuntime",
  },
  {
    id: "PROC-3",
    sentence:
      "A command sees PATH, HOME, LANG, what its spec gives, and what its run is told by; nothing of the scheduler's environment.",
    source: "docs/runtime.md, ProcessRuntime",
  },
  {
    id: "PROC-4",
    sentence: "A command gets the task as its input and as a file, and may leave both unread.",
    source: "docs/runtime.md, ProcessRuntime",
  },
  {
    id: "PROC-5",
    sentence: "A run has a private folder until it is destroyed, in a state folder that only its user can write to.",
    source: "docs/runtime.md, ProcessRuntime",
  },
  {
    id: "PROC-6",
    sentence:
      "The exit code decides: 0 is complete, 64 (or what the spec says) rejected, all else failed; the result file gives the value or the message.",
    source: "docs/runtime.md, ProcessRuntime",
  },
  {
    id: "PROC-7",
    sentence:
      "A result file that is too large, not JSON or not a file fails the run, and is neither waited for nor followed.",
    source: "docs/runtime.md, ProcessRuntime",
  },
  {
    id: "PROC-8",
    sentence:
      "A stop ends every process of the run, asked first and forced after the grace, also those that have left its group.",
    source: "docs/runtime.md, ProcessRuntime",
  },
  {
    id: "PROC-9",
    sentence: "What a command leaves running when it ends is killed, and changes nothing about how it ended.",
    source: "docs/runtime.md, ProcessRuntime",
  },
  {
    id: "PROC-10",
    sentence: "Output becomes lines of the log, cut where they are too long, up to a limit that a last line tells of.",
    source: "docs/runtime.md, ProcessRuntime",
  },
  {
    id: "PROC-11",
    sentence: "100 MB of output leave the memory of the scheduler as it was.",
    source: "docs/runtime.md, ProcessRuntime",
  },
  {
    id: "PROC-12",
    sentence:
      "A start is rejected when the host has no such program, fails for the reason runtime otherwise, and leaves nothing behind.",
    source: "docs/runtime.md, ProcessRuntime",
  },
  {
    id: "PROC-13",
    sentence: "When the scheduler's process dies, its commands are killed at once.",
    source: "docs/runtime.md, ProcessRuntime",
  },
  {
    id: "PROC-14",
    sentence:
      "What is left of the runs of a process that has died is ended by the next runtime on the host before it starts anything; the runs of those that live are left alone.",
    source: "docs/runtime.md, ProcessRuntime",
  },
  {
    id: "PROC-15",
    sentence: "A command whose memory is limited fails when it allocates more.",
    source: "docs/runtime.md, ProcessRuntime",
  },
  {
    id: "PROC-16",
    sentence: "A command whose time is over is told to end, forced after a grace, and has failed however it ends.",
    source: "docs/runtime.md, ProcessRuntime",
  },
  {
    id: "PROC-17",
    sentence:
      "A later owner of a run ends what an earlier one left of it on the host; an earlier one, or one that was overtaken while it started, does not start beside it.",
    source: "docs/runtime.md, ProcessRuntime",
  },
  {
    id: "PROC-18",
    sentence:
      "The processes of the host are read from /proc or from ps, again when it could not tell, once for all who ask together.",
    source: "docs/runtime.md, ProcessRuntime",
  },
  {
    id: "PROC-19",
    sentence:
      "When attempts begin anew, the new owner ends what the old one runs on the host, whatever their numbers; a handle finds and ends only what its own claim has started.",
    source: "docs/runtime.md, ProcessRuntime",
  },
  {
    id: "PROC-20",
    sentence:
      "A parameter whose match has no end is rejected after a fraction of a second of a processor; quotes and the like in values and patterns stand for themselves.",
    source: "docs/runtime.md, ProcessRuntime",
  },

  // DISP: the dispatcher
  {
    id: "DISP-1",
    sentence:
      "A task that is scheduled is stored, published with its very bytes, and out of the outbox once the broker has confirmed it.",
    source: "docs/protocol.md, I7",
  },
  {
    id: "DISP-2",
    sentence:
      "A scheduler that is not registered is refused, nothing is stored, and one that has just registered is known at once.",
    source: "docs/http-api.md, POST /task/schedule",
  },
  {
    id: "DISP-3",
    sentence:
      "The same id with equal content is the same task and published once; with other content it is a conflict.",
    source: "docs/protocol.md, I12",
  },
  {
    id: "DISP-4",
    sentence:
      "What is no task, a timeout in the past or too far ahead, and a notBefore that is not before it, are refused with their path.",
    source: "docs/http-api.md, POST /task/schedule",
  },
  {
    id: "DISP-5",
    sentence: "A task is not announced before its notBefore; a past one counts as none.",
    source: "docs/http-api.md, notBefore",
  },
  {
    id: "DISP-6",
    sentence:
      "Without a confirm within two seconds a task counts as stored, stays in the outbox, and a late confirm takes it out.",
    source: "docs/protocol.md, Publish",
  },
  {
    id: "DISP-7",
    sentence:
      "Whoever waits for a task is answered when it is done, when the time is over, or at once when too many wait, hint or no hint.",
    source: "docs/protocol.md, Hints",
  },
  {
    id: "DISP-8",
    sentence: "An abort of a task that waits ends it, and a second one gets the same answer.",
    source: "docs/http-api.md, POST /task/{id}/abort",
  },
  {
    id: "DISP-9",
    sentence: "Registrations merge, and a scheduler is shown with its tasks, queue and instances.",
    source: "docs/http-api.md, PUT /scheduler/{name}",
  },
  {
    id: "DISP-10",
    sentence: "A scheduler goes with its queue, but not while tasks or instances of it live.",
    source: "docs/http-api.md, DELETE /scheduler/{name}",
  },
  {
    id: "DISP-11",
    sentence: "A store that is away is said to be away, in the dispatcher's own words.",
    source: "docs/http-api.md, 503",
  },
  {
    id: "DISP-12",
    sentence: "A subscription that failed is not kept: the next one who waits for the task subscribes anew.",
    source: "docs/protocol.md, Hints",
  },
  {
    id: "DISP-13",
    sentence: "A queue that the broker refuses to declare is told as what it is, and nothing is registered.",
    source: "docs/http-api.md, PUT /scheduler/{name}",
  },

  {
    id: "DISP-14",
    sentence:
      "The log of a task is read from any place on, in bounded pieces of whole characters, with the end of the task; there is none of an unknown task.",
    source: "packages/dispatcher, Dispatcher.logs",
  },
  {
    id: "DISP-15",
    sentence:
      "A log that is followed is given as it comes until the task is done, looked at every 250 ms while it grows and every 2 s when it does not.",
    source: "packages/dispatcher, Dispatcher.logs",
  },
  {
    id: "DISP-16",
    sentence: "Whoever follows a log is spared that its store, or its task in the store, is away for up to 30 s.",
    source: "packages/dispatcher, Dispatcher.logs",
  },
  {
    id: "DISP-17",
    sentence:
      "Of a log no more is read than is taken; reading ends at once when its signal fires; only so many logs are followed at a time.",
    source: "packages/dispatcher, DispatcherOptions.maxFollowers",
  },

  // SWEEP: the sweeper
  {
    id: "SWEEP-1",
    sentence: "A task that waits or runs is removed at its timeout and not before.",
    source: "docs/protocol.md, I10",
  },
  {
    id: "SWEEP-2",
    sentence: "A task whose owner's lease has ended waits again, counts a failure, and is announced at once.",
    source: "docs/protocol.md, Sweeper 2",
  },
  {
    id: "SWEEP-3",
    sentence: "A task whose owners vanished too often ends as aborted, lost.",
    source: "docs/protocol.md, I13",
  },
  {
    id: "SWEEP-4",
    sentence: "What is due and not announced is announced, once, however much it is.",
    source: "docs/protocol.md, Sweeper 3",
  },
  {
    id: "SWEEP-5",
    sentence: "A broker that does not answer delays neither a timeout nor a stop.",
    source: "docs/protocol.md, I10",
  },
  {
    id: "SWEEP-6",
    sentence: "After an outage of the store owners renew their leases before any is taken from them.",
    source: "docs/protocol.md, Store",
  },
  {
    id: "SWEEP-7",
    sentence:
      "A task that was announced ten minutes ago is announced again, once, when its queue was found empty twice; one whose queue is not empty, that runs, is done or waits for its time is left alone.",
    source: "docs/protocol.md, Sweeper 4",
  },
  {
    id: "SWEEP-8",
    sentence: "A task that was overtaken by one that was announced ten minutes later is announced again at once.",
    source: "docs/protocol.md, Sweeper 4",
  },
  {
    id: "SWEEP-9",
    sentence: "Lost messages are found behind any number of tasks that only wait long.",
    source: "docs/protocol.md, Sweeper 4",
  },
  {
    id: "SWEEP-10",
    sentence:
      "A dead letter is announced again, later each time, and its task ends as undeliverable after five; one that is not the latest announcement changes nothing.",
    source: "docs/protocol.md, Sweeper 5",
  },
  {
    id: "SWEEP-11",
    sentence:
      "A dead letter that cannot be read ends its task at once; one that belongs to no task is logged and dropped.",
    source: "docs/protocol.md, Sweeper 5",
  },
  {
    id: "SWEEP-12",
    sentence:
      "A dead letter of a lost task is published again; none is dropped while store or broker are away, and timeouts do not wait for any.",
    source: "docs/protocol.md, Sweeper 5",
  },
  {
    id: "SWEEP-13",
    sentence:
      "On RabbitMQ and Redis, a task that every instance rejects ends as undeliverable after five deliveries, and no dead letter stays.",
    source: "docs/protocol.md, Sweeper 5",
  },

  // CRASH: processes that die at a given step
  {
    id: "CRASH-1",
    sentence: "Each step of the dispatcher and the sweeper is told between what was done and what is done next.",
    source: "docs/protocol.md, Crash points",
  },
  {
    id: "CRASH-2",
    sentence:
      "A process that is killed at any of its crash points costs no task, lets none end twice, and leaves nothing behind when a fresh one takes its place.",
    source: "docs/protocol.md, Crash points",
  },

  // WIPE: Redis or a queue loses everything
  {
    id: "WIPE-1",
    sentence: "When Redis is wiped while 1,000 tasks wait in a queue, all of them run, each once.",
    source: "docs/reliability.md",
  },
  {
    id: "WIPE-2",
    sentence:
      "When Redis is wiped while tasks run, with held and with acknowledged messages, and others wait, each has one terminal event after the wipe and runs once.",
    source: "docs/reliability.md",
  },
  {
    id: "WIPE-3",
    sentence: "When a queue is purged, the tasks that waited in it are announced again, and each runs once.",
    source: "docs/reliability.md",
  },
  {
    id: "WIPE-4",
    sentence:
      "When a queue is deleted under a running scheduler, it is declared anew, and the tasks that waited in it run once each.",
    source: "docs/reliability.md",
  },

  // SDK: the front door for scheduler authors
  {
    id: "SDK-1",
    sentence: "A delivered task runs once, and what its handler returned is its result.",
    source: "docs/runtime.md, Handlers",
  },
  {
    id: "SDK-2",
    sentence: "A handler that throws, rejects, or does not exist ends its task as aborted with that reason.",
    source: "docs/runtime.md, Handlers",
  },
  {
    id: "SDK-3",
    sentence: "A result of more than 16 KiB of JSON is dropped, and the task says so.",
    source: "docs/http-api.md, TaskView",
  },
  {
    id: "SDK-4",
    sentence: "onEnd is told of the whole task and how it ended, and cannot break the scheduler.",
    source: "docs/architecture.md",
  },
  {
    id: "SDK-5",
    sentence:
      "With retry, a failed task runs again after a doubling backoff, within its failures and its timeout; a rejected one never.",
    source: "docs/runtime.md, Retry",
  },
  {
    id: "SDK-6",
    sentence: "A running handler hears of an abort, and its task ends as aborted, requested.",
    source: "docs/runtime.md, signal",
  },
  {
    id: "SDK-7",
    sentence: "A running handler hears of the timeout, and nothing that it returns later counts.",
    source: "docs/protocol.md, I10",
  },
  {
    id: "SDK-8",
    sentence: "Work that does not stop holds up no end beyond the grace, but keeps its slot until it returns.",
    source: "docs/protocol.md, States",
  },
  {
    id: "SDK-9",
    sentence: "An instance runs no more tasks at a time than it has slots, and instances share the work.",
    source: "docs/protocol.md, I9",
  },
  {
    id: "SDK-10",
    sentence: "An instance is shown with what it runs while it lives, and leaves when it stops.",
    source: "docs/http-api.md, SchedulerView",
  },
  {
    id: "SDK-11",
    sentence: "Progress is stored at most once a second, the last one wins, and too large a one is refused.",
    source: "docs/runtime.md, Handlers",
  },
  {
    id: "SDK-12",
    sentence: "A message that is no task for this scheduler goes to the dead letters and stops nothing.",
    source: "docs/protocol.md, Claim decides each delivery",
  },
  {
    id: "SDK-13",
    sentence: "While the store is away claims and results are repeated until it answers, and nothing runs twice.",
    source: "docs/protocol.md, Claim decides each delivery",
  },
  {
    id: "SDK-14",
    sentence: "Work whose lease cannot be renewed is stopped before another instance may have it.",
    source: "docs/protocol.md, I11",
  },
  {
    id: "SDK-15",
    sentence: "A scheduler that stops takes no new task and lets short ones finish.",
    source: "docs/protocol.md, I14",
  },
  {
    id: "SDK-16",
    sentence: "A scheduler that stops gives long tasks back without counting a failure, within its grace.",
    source: "docs/protocol.md, Shutdown",
  },
  {
    id: "SDK-17",
    sentence:
      "A new attempt never shares a run with one that could not be stopped, and only the new one's result counts.",
    source: "docs/protocol.md, I4",
  },
  {
    id: "SDK-18",
    sentence: "A task whose timeout came while it waited never runs.",
    source: "docs/protocol.md, I10",
  },
  {
    id: "SDK-19",
    sentence: "Options that make no sense are refused when a scheduler is made, all in one message.",
    source: "REVIEW.md",
  },
  {
    id: "SDK-20",
    sentence:
      "What waits in the queue when the store loses everything is made anew from its messages, and each runs once.",
    source: "docs/protocol.md, When a record is missing",
  },
  {
    id: "SDK-21",
    sentence:
      "What runs when the store loses everything is written back by its owner, with all that it knew, and goes on.",
    source: "docs/protocol.md, When a record is missing",
  },
  {
    id: "SDK-22",
    sentence: "A task that the store has lost can be finished, retried, given back and handed over all the same.",
    source: "docs/protocol.md, When a record is missing",
  },
  {
    id: "SDK-23",
    sentence:
      "A copy of the message of a lost task that runs makes no second owner in its instance; another owner, one of the same task scheduled again included, makes the first one stop, and shares no work with it.",
    source: "docs/protocol.md, I3",
  },
  {
    id: "SDK-24",
    sentence: "A timeout that comes while its task is lost ends it as a timeout, told once.",
    source: "docs/protocol.md, I10",
  },
  {
    id: "SDK-25",
    sentence:
      "Work that was stopped because its lease could not be renewed is given back, or handed over, when the store answers, even if it has lost the task.",
    source: "docs/protocol.md, When a record is missing",
  },
  {
    id: "SDK-26",
    sentence: "A store that has lost the registration and the instances knows of them again with the next beat.",
    source: "docs/protocol.md, Registration",
  },
  {
    id: "SDK-27",
    sentence:
      "The crash points of a scheduler come in the order of its steps, each between what the store knows before and after it.",
    source: "docs/protocol.md, I6",
  },
  {
    id: "SDK-28",
    sentence:
      "A scheduler takes tasks only when the store has its registration and leases can be renewed; a stop ends the waiting.",
    source: "REVIEW.md",
  },
  {
    id: "SDK-29",
    sentence:
      "A store or broker that does not answer holds up neither the cancel of the consumer nor a connect that was given up; the goodbye comes last.",
    source: "docs/protocol.md, Shutdown",
  },
  {
    id: "SDK-30",
    sentence:
      "Work that outlives its scheduler is handed over when that stops, a start under way included, and adopted for no failure.",
    source: "docs/protocol.md, Shutdown",
  },
  {
    id: "SDK-31",
    sentence:
      "Work is adopted by its own kind of runtime, in its own scope only; elsewhere it starts anew once that scope is abandoned.",
    source: "docs/protocol.md, Work elsewhere",
  },
  {
    id: "SDK-32",
    sentence:
      "A store that does not take a handle keeps work neither from ending nor from being stopped, and takes the handle when it answers.",
    source: "docs/runtime.md, What a runtime keeps",
  },
  {
    id: "SDK-33",
    sentence:
      "A start that never ends keeps its slot but holds up neither the end of the task nor a stop; what it starts late is cleaned up.",
    source: "docs/runtime.md, What a runtime keeps",
  },
  {
    id: "SDK-34",
    sentence:
      "onEnd is told, once, of an end that others brought about while an instance owned the task and was cut off.",
    source: "docs/architecture.md",
  },
  {
    id: "SDK-35",
    sentence:
      "An owner whose result is not taken leaves work that can be adopted to the next owner, who hears of its end.",
    source: "docs/runtime.md, What a runtime keeps",
  },
  {
    id: "SDK-36",
    sentence: "A scheduler that is told to stop before its start has ended takes no task any more.",
    source: "docs/protocol.md",
  },
  {
    id: "SDK-50",
    sentence:
      "A scheduler warns once of each block of its event loop that lasts a sixth of a lease or longer: how long it was, and which tasks ran.",
    source: "docs/adr/0011-heartbeat-thread.md",
  },
  {
    id: "SDK-51",
    sentence:
      "The event loop is watched while a scheduler runs, and tasks that began and ended within a block are named too.",
    source: "docs/adr/0011-heartbeat-thread.md",
  },
  {
    id: "SDK-52",
    sentence:
      "A handler that blocks the event loop for longer than its lease keeps its task: it runs once, and one warning names it.",
    source: "docs/adr/0011-heartbeat-thread.md",
  },
  {
    id: "SDK-60",
    sentence:
      "What a run says is in its task's log half a second later, or as soon as 16 KiB wait; one write at a time is under way. The scheduler's own log has it at the level debug.",
    source: "docs/runtime.md, What a run says",
  },
  {
    id: "SDK-61",
    sentence:
      "What a claim adds to a log begins with a line that names attempt and run, and says if the work was adopted; a run that says nothing adds nothing.",
    source: "docs/runtime.md, What a run says",
  },
  {
    id: "SDK-62",
    sentence: "What was said before a run ended is in the log before the store hears of the end, however it ended.",
    source: "docs/runtime.md, What a run says",
  },
  {
    id: "SDK-63",
    sentence: "Whatever is said becomes a line of at most 8 KiB of whole characters; a longer one is cut, with a mark.",
    source: "docs/runtime.md, What a run says",
  },
  {
    id: "SDK-64",
    sentence:
      "While the store is away lines wait in their order, as many as a log takes, and are written in pieces of at most 256 KiB.",
    source: "docs/runtime.md, What a run says",
  },
  {
    id: "SDK-65",
    sentence: "A log that cannot be stored costs the task nothing but lines, and delays its end by at most a second.",
    source: "docs/runtime.md, What a run says",
  },
  {
    id: "SDK-66",
    sentence: "100 MB of output take no more memory than a log may be long, 1 MiB, and none once the log is full.",
    source: "docs/runtime.md, What a run says",
  },
  {
    id: "SDK-67",
    sentence: "When the store has lost the task, its owner writes it back and goes on with its log.",
    source: "docs/runtime.md, What a run says",
  },
  {
    id: "SDK-68",
    sentence: "What an owner says whose task is another's, or over, is dropped.",
    source: "packages/store, TaskStore.appendLog",
  },
  {
    id: "SDK-69",
    sentence: "On Redis the log is there while the task runs and after its end, with what each of its attempts said.",
    source: "docs/runtime.md, What a run says",
  },
  {
    id: "SDK-70",
    sentence:
      "A claim says which scope its instance reaches, none unless its runtime is recoverable; work elsewhere waits for one who reaches it, for no failure.",
    source: "docs/protocol.md, Work elsewhere",
  },
  {
    id: "SDK-71",
    sentence:
      "A scope is abandoned when no instance of the scheduler has been seen to reach it for 60 s, or a lease if that is longer; an instance that is seen, or a look without an answer, begins that time anew.",
    source: "docs/protocol.md, Work elsewhere",
  },
  {
    id: "SDK-72",
    sentence: "It is looked once more just before a claim calls a scope abandoned; without an answer it calls none so.",
    source: "docs/protocol.md, Work elsewhere",
  },
  {
    id: "SDK-73",
    sentence:
      "Scopes are looked for every 5 s while claims meet work in them, and no longer than 10 minutes after the last such claim.",
    source: "docs/protocol.md, Work elsewhere",
  },
  {
    id: "SDK-74",
    sentence: "The entry of an instance names the scope of its runtime, if that is recoverable.",
    source: "docs/protocol.md, Work elsewhere",
  },
  {
    id: "SDK-75",
    sentence:
      "What a runtime still has of a task that is done is stopped and removed by any scheduler that reaches it.",
    source: "docs/runtime.md, The reaper",
  },
  {
    id: "SDK-76",
    sentence: "The work of a live task is kept: by its number until its handle is stored, by its handle then.",
    source: "docs/runtime.md, The reaper",
  },
  {
    id: "SDK-77",
    sentence:
      "Work is removed after five minutes when another run of its task counts, or the store may have lost the task and nobody brings it back.",
    source: "docs/runtime.md, The reaper",
  },
  {
    id: "SDK-78",
    sentence: "Work of a scheduler that the store does not know is left alone, unless the store knows its task.",
    source: "docs/runtime.md, The reaper",
  },
  {
    id: "SDK-79",
    sentence: "Reaping can be turned off, ends with the scheduler, and holds up no stop of a scheduler.",
    source: "docs/runtime.md, The reaper",
  },
  {
    id: "SDK-80",
    sentence:
      "Work that is handed over when its task has just ended is stopped and removed by the scheduler that has it.",
    source: "docs/runtime.md, What a runtime keeps",
  },
  {
    id: "SDK-81",
    sentence: "A scheduler begins no work that was told to stop before it had begun.",
    source: "docs/runtime.md, What a runtime keeps",
  },
  {
    id: "SDK-82",
    sentence:
      "What is left of a task that is done is removed although its scheduler has been removed since, as long as the store remembers the task.",
    source: "docs/runtime.md, The reaper",
  },

  // HTTP: the API
  {
    id: "HTTP-1",
    sentence:
      "The OpenAPI 3.1 document at /openapi.json is valid and describes exactly the routes that are mounted, with every status and error code.",
    source: "docs/http-api.md, head",
  },
  {
    id: "HTTP-2",
    sentence:
      "Scheduling answers 201 with Location when the task is announced, 202 when it is only stored, 200 when it was accepted before; ids are lower-cased, times are UTC.",
    source: "docs/http-api.md, POST /task/schedule",
  },
  {
    id: "HTTP-3",
    sentence:
      "A task that is not valid is refused with 422, the code and the path of each fault, and nothing is scheduled.",
    source: "docs/http-api.md, Codes",
  },
  {
    id: "HTTP-4",
    sentence: "A batch of 1 to 1,000 tasks is answered in order, 64 at a time, and one bad task fails alone.",
    source: "docs/http-api.md, POST /tasks/schedule",
  },
  {
    id: "HTTP-5",
    sentence:
      "?wait= answers as soon as the task is done or the time is over; the client's disconnect and a shutdown end the wait.",
    source: "docs/http-api.md, GET /task/{id}",
  },
  {
    id: "HTTP-6",
    sentence: "Live tasks are listed by pages, without attributes, none twice; a bad query is 422 with its path.",
    source: "docs/http-api.md, GET /tasks",
  },
  {
    id: "HTTP-7",
    sentence:
      "An abort answers 200 when the task is done, the same again when repeated, and 202 when its scheduler has been told; its body may be missing.",
    source: "docs/http-api.md, POST /task/{id}/abort",
  },
  {
    id: "HTTP-8",
    sentence:
      "Schedulers are registered (201, then 200), shown, and removed unless they are busy; bad names and bodies are refused.",
    source: "docs/http-api.md, PUT and DELETE /scheduler/{name}",
  },
  {
    id: "HTTP-9",
    sentence:
      "/healthz says that the process is up; /readyz is 503 until store and broker were reached, while the store is away and while draining, and degraded while only the broker is away.",
    source: "docs/http-api.md, GET /readyz",
  },
  {
    id: "HTTP-10",
    sentence: "Every error is application/problem+json with a code of the contract, and tells nothing of the inside.",
    source: "docs/http-api.md, Errors",
  },
  {
    id: "HTTP-11",
    sentence: "While the store is away every route over it answers 503 with Retry-After, a batch as a whole.",
    source: "docs/http-api.md, Codes",
  },
  {
    id: "HTTP-12",
    sentence: "No request, whatever its bytes, is answered with a 5xx or ends the process.",
    source: "docs/http-api.md",
  },
  {
    id: "HTTP-13",
    sentence:
      "Unknown routes are 404, other methods 405 with Allow, HEAD answers as GET, and no answer carries ETag or X-Powered-By.",
    source: "docs/http-api.md, Codes",
  },
  {
    id: "HTTP-14",
    sentence:
      "Bodies above the limit are 413, other media types, charsets and compressed bodies 415, and what is no JSON in UTF-8 is 400.",
    source: "docs/http-api.md, Codes",
  },
  {
    id: "HTTP-15",
    sentence:
      "A stop takes no new connection, answers what is under way, ends idle connections at once, and cuts the rest after its grace.",
    source: "docs/architecture.md, Packages",
  },
  {
    id: "HTTP-16",
    sentence: "The router works in any Express app, at any path, whatever the settings of the app.",
    source: "docs/architecture.md, Packages",
  },
  {
    id: "HTTP-17",
    sentence:
      "/task/{id}/logs answers with the log from `from` on as text in UTF-8, and with where it goes on in Mayfly-Log-Next.",
    source: "docs/http-api.md, The log of a task",
  },
  {
    id: "HTTP-18",
    sentence:
      "A log that is followed as text is sent as it comes; the answer comes to its end only when the task has, and is cut else.",
    source: "docs/http-api.md, The log of a task",
  },
  {
    id: "HTTP-19",
    sentence:
      "As server-sent events a log has the place to resume at as each id, Last-Event-ID before `from`, a comment after 15 s of silence, and an end.",
    source: "docs/http-api.md, The log of a task",
  },
  {
    id: "HTTP-20",
    sentence:
      "A log of no task is 404, a bad `from`, `follow` or Last-Event-ID 422, a store that is away and too many followers 503; HEAD ends at once.",
    source: "docs/http-api.md, The log of a task",
  },
  {
    id: "HTTP-21",
    sentence: "A client that leaves ends the following of its log at once.",
    source: "docs/http-api.md, The log of a task",
  },
  {
    id: "HTTP-22",
    sentence: "A server that stops ends the logs that are followed at once, also of clients that take nothing.",
    source: "docs/operations.md, Stopping",
  },
  {
    id: "HTTP-23",
    sentence: "A log is read only as fast as its client takes it.",
    source: "docs/http-api.md, The log of a task",
  },
  {
    id: "HTTP-24",
    sentence: "The OpenAPI document says both media types of a log, what their events hold, the query and the headers.",
    source: "docs/http-api.md, head",
  },
  {
    id: "HTTP-25",
    sentence:
      "Who resumes the following of a log while its store is away, or has lost its task, has an answer as soon as both are back, or is refused after 10 s.",
    source: "docs/http-api.md, The log of a task",
  },
  {
    id: "HTTP-26",
    sentence:
      "Logs that are followed on one connection (pipelining) are answered in order, and none is followed any more when it breaks or the server stops.",
    source: "docs/http-api.md, The log of a task",
  },

  // CLIENT: the client
  {
    id: "CLIENT-1",
    sentence: "The client always sends an id with a task and repeats with the same one.",
    source: "docs/http-api.md, Codes",
  },
  {
    id: "CLIENT-2",
    sentence:
      "Repeats are bounded, jittered, wait as long as the server asks (at most 30 s) and end when the caller's signal fires.",
    source: "docs/http-api.md, Codes",
  },
  {
    id: "CLIENT-3",
    sentence:
      "Answers are checked; a missing task or scheduler is undefined, every failure a ClientError with code, status and problem.",
    source: "REVIEW.md",
  },
  {
    id: "CLIENT-4",
    sentence:
      "wait asks again until the task is done, its time is over or its signal fires, and does not press a server that answers at once.",
    source: "docs/http-api.md, GET /task/{id}",
  },
  {
    id: "CLIENT-5",
    sentence: "listAll gives every live task once, page by page.",
    source: "docs/http-api.md, GET /tasks",
  },
  {
    id: "CLIENT-6",
    sentence: "scheduleAll sends batches as large as the API takes and gives the results in order.",
    source: "docs/http-api.md, POST /tasks/schedule",
  },
  {
    id: "CLIENT-7",
    sentence: "The client runs in a browser: nothing in it or below it is of Node.",
    source: "docs/architecture.md, Packages",
  },
  {
    id: "CLIENT-8",
    sentence: "logs gives a task's log in pieces of whole characters, whatever the chunks in which it comes.",
    source: "docs/http-api.md, The log of a task",
  },
  {
    id: "CLIENT-9",
    sentence:
      "A follow that is dropped is taken up where it was, after a growing pause, until the task is done; only what fails again and again ends it.",
    source: "docs/http-api.md, The log of a task",
  },
  {
    id: "CLIENT-10",
    sentence: "Reading a log fails with a ClientError; the caller's signal, and his leaving, end its connection.",
    source: "docs/http-api.md, The log of a task",
  },
  {
    id: "CLIENT-11",
    sentence: "A connection on which nothing comes, not even a comment, is given up after 45 s.",
    source: "docs/http-api.md, The log of a task",
  },
  {
    id: "CLIENT-12",
    sentence: "logText gives all of a log as it stands, and undefined when there is no such task.",
    source: "docs/http-api.md, The log of a task",
  },

  // APP: the programs
  {
    id: "APP-1",
    sentence: "A configuration that cannot be used ends an app with code 1 and one message that names every problem.",
    source: "docs/operations.md, Settings",
  },
  {
    id: "APP-2",
    sentence: "An API that asks for no credentials does not listen where others can reach it unless it is told to.",
    source: "docs/http-api.md, Security",
  },
  {
    id: "APP-3",
    sentence: "Handlers that cannot be loaded end an app with code 1 and the reason.",
    source: "docs/operations.md, Settings",
  },
  {
    id: "APP-4",
    sentence: "Credentials in URLs are never logged.",
    source: "REVIEW.md",
  },
  {
    id: "APP-5",
    sentence: "The example handlers do what their names say, and refuse attributes that they cannot use.",
    source: "docs/operations.md, Settings",
  },
  {
    id: "APP-6",
    sentence: "The health endpoints of an app without an API tell whether it is up and whether it does its work.",
    source: "docs/operations.md, Health",
  },
  {
    id: "APP-7",
    sentence:
      "The standalone schedules over HTTP and without, runs tasks, keeps what waits for its next start, and starts wholly or not at all.",
    source: "docs/architecture.md, standalone",
  },
  {
    id: "APP-8",
    sentence:
      "A program that is told to kill itself at a crash point does so at just that passage; a step that there is not is refused.",
    source: "docs/operations.md, Settings",
  },
  {
    id: "APP-9",
    sentence:
      "A program ends with 0 when it has drained, and with 1 when its start or its stop fails or a second signal comes.",
    source: "docs/operations.md, Stopping",
  },
  {
    id: "APP-10",
    sentence: "With the runtime process, a scheduler runs the commands of its spec; their exit codes decide.",
    source: "docs/operations.md, Runtimes",
  },
  {
    id: "APP-11",
    sentence:
      "A runtime's spec that cannot be read or is not valid ends the scheduler with code 1 and every problem, with its place in the file.",
    source: "docs/operations.md, Runtimes",
  },
  {
    id: "APP-12",
    sentence: "Settings that contradict the runtime are refused; the standalone refuses any runtime but inline.",
    source: "docs/operations.md, Settings",
  },
  {
    id: "APP-13",
    sentence: "An engine that is away when the scheduler starts is waited for: up, not ready, and the log says so.",
    source: "docs/operations.md, Runtimes",
  },
  {
    id: "APP-14",
    sentence: "A scheduler is not ready while its runtime is not well; the log says when that begins and ends.",
    source: "docs/operations.md, Health",
  },
  {
    id: "APP-15",
    sentence:
      "A scheduler sees the containers of its own deployment only, which is the prefix unless the spec says so.",
    source: "docs/operations.md, Runtimes",
  },
  {
    id: "APP-16",
    sentence: "A scheduler loads the code of no runtime but its own.",
    source: "docs/operations.md, Runtimes",
  },
  {
    id: "APP-17",
    sentence:
      "Each program has an image: built in stages, run as a numbered user that is not root, with nothing that it does not need.",
    source: "docs/operations.md, Images",
  },
  {
    id: "APP-18",
    sentence: "What an image has of a program runs on a read-only file system as nobody, and ends when it is told to.",
    source: "docs/operations.md, Images",
  },
  {
    id: "APP-19",
    sentence:
      "The manifests are valid by Kubernetes' own schema, keep to the restricted Pod Security Standard, and have settings that the programs take.",
    source: "docs/operations.md, Kubernetes",
  },
  {
    id: "APP-20",
    sentence:
      "With the runtime kubernetes, a scheduler runs a Job for each task, with the rights of the manifests alone.",
    source: "docs/operations.md, Runtimes",
  },

  // E2E: the whole system
  {
    id: "E2E-1",
    sentence: "The embedded system prints a curl line that schedules a task, runs it, and answers how it went.",
    source: "README.md, Two commands",
  },
  {
    id: "E2E-2",
    sentence:
      "Three processes on RabbitMQ and Redis run each of 2,000 tasks exactly once, on both instances, and leave nothing behind.",
    source: "docs/protocol.md, I1, I15",
  },
  {
    id: "E2E-3",
    sentence:
      "A task is gone within a second of its timeout, waiting or running; a running handler is told, a waiting one never runs.",
    source: "docs/protocol.md, I10",
  },
  {
    id: "E2E-4",
    sentence:
      "An abort ends a waiting task at once and a running one after its handler was told; a second one gets the same answer.",
    source: "docs/http-api.md, POST /task/{id}/abort",
  },
  {
    id: "E2E-5",
    sentence:
      "A killed scheduler's task runs elsewhere after its lease and its late result is stale; a stopped one's is given back.",
    source: "docs/protocol.md, I3, I4, I14",
  },
  {
    id: "E2E-6",
    sentence:
      "Unknown schedulers, repeats and every kind of bad input are answered with the right 4xx and nothing is lost.",
    source: "docs/http-api.md",
  },
  {
    id: "E2E-7",
    sentence: "Outages of RabbitMQ and Redis are answered honestly, and everything goes on when they are back.",
    source: "docs/protocol.md, Publish, Store",
  },
  {
    id: "E2E-8",
    sentence: "Batches, lists, schedulers, notBefore, retry and health work on the real services.",
    source: "docs/http-api.md",
  },

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
  {
    id: "OPS-3",
    sentence:
      "The Kubernetes for tests speaks the wire protocol, checks objects against the official schema, and runs pods.",
    source: "internal/test-services",
  },

  // CHAOS: the run under faults
  {
    id: "CHAOS-1",
    sentence:
      "The checker finds each kind of violation in a history that it is planted in, and nothing in a sound history.",
    source: "docs/reliability.md, Chaos",
  },
  {
    id: "CHAOS-2",
    sentence: "The same seed plans the same tasks and faults; every kind of fault comes before any comes again.",
    source: "docs/reliability.md, Chaos",
  },
  {
    id: "CHAOS-3",
    sentence:
      "The run ends, with what it has started: at its deadline, when asked to, and when something does not end as it should.",
    source: "docs/reliability.md, Chaos",
  },
  {
    id: "CHAOS-4",
    sentence: "The run ends with a table of what became of the tasks, of the faults, recovery times and violations.",
    source: "docs/reliability.md, Chaos",
  },

  // CLUSTER: systems on clusters of Redis and RabbitMQ
  {
    id: "CLUSTER-1",
    sentence:
      "A RabbitMQ node that is killed under load, and comes back, costs no task that was accepted and runs none twice; the others go on without it.",
    source: "docs/reliability.md",
  },
  {
    id: "CLUSTER-2",
    sentence:
      "A Redis primary that is killed under load, and whose replica takes over, costs no task that was accepted; each ends once.",
    source: "docs/reliability.md",
  },
  {
    id: "CLUSTER-3",
    sentence:
      "A Redis primary that is killed under load and restarted from its append-only file costs no task that was accepted and runs none twice.",
    source: "docs/reliability.md",
  },
  {
    id: "CLUSTER-4",
    sentence:
      "On clusters tasks are spread over all Redis primaries, and each queue has a member on each of three RabbitMQ nodes.",
    source: "docs/reliability.md",
  },

  // SIM: the simulation
  {
    id: "SIM-1",
    sentence:
      "A simulation is decided by its seed: the same one gives the same trace, and nothing else is touched by it.",
    source: "internal/simulation/README.md",
  },
  {
    id: "SIM-2",
    sentence: "Each seed has at least 200 operations and 10 faults, and no promise of the protocol is broken in it.",
    source: "internal/simulation/README.md",
  },
  {
    id: "SIM-3",
    sentence: "A guard of the store that is taken away shows within 400 seeds.",
    source: "internal/simulation/README.md",
  },
  {
    id: "SIM-4",
    sentence: "A simulated process can be paused and killed between any two steps, and its wall clock can jump.",
    source: "internal/simulation/README.md",
  },
  {
    id: "SIM-5",
    sentence: "The checker finds a dropped task, a second end, and a task that nobody runs.",
    source: "internal/simulation/README.md",
  },
  {
    id: "SIM-6",
    sentence:
      "npm run simulate runs the seeds that are asked for, and shows of a failing one what is wrong, the task's trace and how to see it again.",
    source: "internal/simulation/README.md",
  },

  // EX: the examples
  {
    id: "EX-1",
    sentence: "The custom scheduler of the examples runs tasks from real services and ends with code 0 on SIGTERM.",
    source: "README.md, A scheduler of your own",
  },
  {
    id: "EX-2",
    sentence: "It has at most 25 lines, imports only the SDK, and is the README's first example word for word.",
    source: "README.md, A scheduler of your own",
  },
  {
    id: "EX-3",
    sentence: "The custom runtime of the examples keeps the contract, and is the one of docs/runtime.md word for word.",
    source: "docs/architecture.md, Who uses it",
  },

  // DOCKER: the runtime for Docker, and the engine of its tests
  {
    id: "DOCKER-1",
    sentence: "The tests have a private Docker engine of their own, of which nothing is left when it is removed.",
    source: "CONTRIBUTING.md",
  },
  {
    id: "DOCKER-2",
    sentence:
      "The engine is asked for every limit and hardening that the documentation names, and for nothing that opens the host.",
    source: "docs/runtime.md, DockerRuntime",
  },
  {
    id: "DOCKER-3",
    sentence:
      "What work in a container tries beyond its limits is contained: writes, forks, memory, new privileges, network, devices.",
    source: "docs/runtime.md, DockerRuntime",
  },
  {
    id: "DOCKER-4",
    sentence: "A container gets its task word for word, and carries the task, run, scheduler and deadline as labels.",
    source: "docs/runtime.md, DockerRuntime",
  },
  {
    id: "DOCKER-5",
    sentence:
      "Only the engine's own record says how work ended, through breaks of the connection; a removed container is said to be gone.",
    source: "docs/runtime.md, DockerRuntime",
  },
  {
    id: "DOCKER-6",
    sentence:
      "A start ends within its time with a typed reason, leaves nothing behind, and never runs work of a run a second time.",
    source: "docs/runtime.md, DockerRuntime",
  },
  {
    id: "DOCKER-7",
    sentence:
      "The output of a container becomes its run's log, bounded, and a log that breaks is taken up where it was.",
    source: "docs/runtime.md, DockerRuntime",
  },
  {
    id: "DOCKER-8",
    sentence: "Tasks choose among the images and commands of a validated spec, and nothing else.",
    source: "docs/runtime.md, DockerRuntime",
  },
  {
    id: "DOCKER-9",
    sentence:
      "No work begins for an owner that was told to stop before; nothing is left of such a start but what the next owner adopts.",
    source: "docs/runtime.md, DockerRuntime",
  },
  {
    id: "DOCKER-10",
    sentence: "As long as somebody waits for work, a stop that has failed is tried again.",
    source: "docs/runtime.md, DockerRuntime",
  },
  {
    id: "DOCKER-11",
    sentence: "What an image declares as volumes is in memory, within a size, and no program can be run from it.",
    source: "docs/runtime.md, DockerRuntime",
  },
  {
    id: "DOCKER-12",
    sentence:
      "Who adopts a container is told what the log does not have yet, from the last millisecond that it has, through breaks of the connection.",
    source: "docs/runtime.md, What a run says",
  },
  {
    id: "DOCKER-13",
    sentence: "A request to the engine costs the scheduler as little when many containers run as when one does.",
    source: "docs/runtime.md, DockerRuntime",
  },
  {
    id: "DOCKER-20",
    sentence:
      "Tasks run in containers through all programs, eight at a time: each once and to its end, and no container is left.",
    source: "docs/reliability.md, Docker",
  },
  {
    id: "DOCKER-21",
    sentence:
      "Schedulers that are killed leave their containers to others: they run on, however often that is, each ends as it will, and none is started twice.",
    source: "docs/reliability.md, Docker",
  },
  {
    id: "DOCKER-22",
    sentence: "A task whose container was removed by hand ends as aborted, and its reason says so.",
    source: "docs/reliability.md, Docker",
  },
  {
    id: "DOCKER-23",
    sentence:
      "After an abort or a timeout all processes of a container are gone within the grace and two seconds, and the container with them.",
    source: "docs/reliability.md, Docker",
  },
  {
    id: "DOCKER-24",
    sentence: "A task that took more memory than its container may have ends as aborted, and its reason says so.",
    source: "docs/reliability.md, Docker",
  },
  {
    id: "DOCKER-25",
    sentence:
      "A task whose image is missing ends as aborted with a reason that names the image, and holds up no other.",
    source: "docs/reliability.md, Docker",
  },
  {
    id: "DOCKER-26",
    sentence: "A disk that is full while an image is pulled is the reason of the task, and its scheduler goes on.",
    source: "docs/reliability.md, Docker",
  },
  {
    id: "DOCKER-27",
    sentence:
      "An engine that is away is the reason of a task within the time for a start; other tasks run, and its scheduler goes on when it is back.",
    source: "docs/reliability.md, Docker",
  },
  {
    id: "DOCKER-28",
    sentence: "100 MB of output cost a scheduler no memory, and the log that is kept ends with a mark where it is cut.",
    source: "docs/reliability.md, Docker",
  },

  // KUBE: the runtime for Kubernetes
  {
    id: "KUBE-1",
    sentence: "Tasks choose among the images and commands of a validated spec, and nothing else.",
    source: "docs/runtime.md, KubernetesRuntime",
  },
  {
    id: "KUBE-2",
    sentence:
      "A Job is tried once, ends at the task's timeout, is kept after its end, and its pod keeps to the restricted Pod Security Standard.",
    source: "docs/runtime.md, KubernetesRuntime",
  },
  {
    id: "KUBE-3",
    sentence:
      "A container gets its task word for word, and the Job and its pod carry the task, run, scheduler and deadline.",
    source: "docs/runtime.md, KubernetesRuntime",
  },
  {
    id: "KUBE-4",
    sentence:
      "Only the cluster's own record says how work ended: its exit code, out of memory, its deadline, an eviction, a removal.",
    source: "docs/runtime.md, KubernetesRuntime",
  },
  {
    id: "KUBE-5",
    sentence:
      "A start ends within its time with a typed reason, leaves nothing behind, and never runs work of a run a second time.",
    source: "docs/runtime.md, KubernetesRuntime",
  },
  {
    id: "KUBE-6",
    sentence:
      "Waiting goes on through watches that break, points that the server has forgotten and outages, on two connections for all runs.",
    source: "docs/runtime.md, KubernetesRuntime",
  },
  {
    id: "KUBE-7",
    sentence:
      "A stop asks, and forces after the grace; all who wait, also after a restart, hear the same; what ended before stays so.",
    source: "docs/runtime.md, KubernetesRuntime",
  },
  {
    id: "KUBE-8",
    sentence: "The output of a pod becomes its run's log, bounded, and a log that breaks is taken up where it was.",
    source: "docs/runtime.md, KubernetesRuntime",
  },
  {
    id: "KUBE-9",
    sentence: "The role of the manifests is enough for all that the runtime does, and each of its rights is needed.",
    source: "docs/runtime.md, KubernetesRuntime",
  },
  {
    id: "KUBE-10",
    sentence:
      "Credentials come from a kubeconfig or the pod's service account, and a cluster that refuses them is said so.",
    source: "docs/runtime.md, KubernetesRuntime",
  },
  {
    id: "KUBE-11",
    sentence:
      "A scheduler that finds the Jobs of one that died adopts them: the same Jobs, each with its own exit code, none started twice.",
    source: "docs/runtime.md, KubernetesRuntime",
  },
  {
    id: "KUBE-12",
    sentence:
      "What happens to a Job is said on its task, with its code and what the cluster says, and holds up no other.",
    source: "docs/runtime.md, KubernetesRuntime",
  },
  {
    id: "KUBE-13",
    sentence:
      "A cluster that refuses credentials, a right or a quota is asked again until the time for a start is over, with credentials that are read anew.",
    source: "docs/runtime.md, KubernetesRuntime",
  },
  {
    id: "KUBE-14",
    sentence:
      "What is kept of the lists and changes of a cluster is small, and a list is seen as a whole or not at all.",
    source: "docs/runtime.md, KubernetesRuntime",
  },
  {
    id: "KUBE-15",
    sentence:
      "Work ends with its own container, also where a sidecar keeps its pod from ending; the Job has the word while that may still come.",
    source: "docs/runtime.md, KubernetesRuntime",
  },
  {
    id: "KUBE-19",
    sentence: "Who adopts a Job hears of its pod's output what the task's log does not have yet.",
    source: "docs/runtime.md, KubernetesRuntime",
  },
  {
    id: "KUBE-20",
    sentence: "No work begins in a Job whose owner was told before that the task is over, and the Job is removed.",
    source: "docs/runtime.md, KubernetesRuntime",
  },

  // DOC: the documentation
  {
    id: "DOC-1",
    sentence: "The TypeScript in every README type-checks against the sources.",
    source: "README.md",
  },
  {
    id: "DOC-2",
    sentence: "Every published package says in at most 40 lines what it is, with an example and where to read on.",
    source: "CONTRIBUTING.md, A new package",
  },
  {
    id: "DOC-3",
    sentence: "docs/operations.md names every environment variable of every app, with its default.",
    source: "docs/operations.md, Settings",
  },
  {
    id: "DOC-4",
    sentence: "docs/http-api.md names every route, with its statuses and codes.",
    source: "docs/http-api.md, Routes, Problems",
  },
  {
    id: "DOC-5",
    sentence:
      "docs/state-machine.md shows the transition table, and docs/wire-format.md the keys, fields and arguments in use.",
    source: "docs/state-machine.md, docs/wire-format.md",
  },
  {
    id: "DOC-6",
    sentence: "The log messages that docs/operations.md explains are those of the sources.",
    source: "docs/operations.md, Logs",
  },
  {
    id: "DOC-7",
    sentence: "The users that docs/operations.md names for Redis and RabbitMQ may do what the programs need.",
    source: "docs/operations.md, Redis, RabbitMQ",
  },

  // MEAS: the figures that are measured
  {
    id: "MEAS-1",
    sentence: "A measurement shows its figures with what is promised of them, and fails when a promise is broken.",
    source: "CONTRIBUTING.md",
  },
];
