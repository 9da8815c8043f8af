import { expect, it } from "vitest";
import { checkHistory } from "../src/check/check-history.ts";
import { type Rule, ruleNames } from "../src/check/violation.ts";
import type { History } from "../src/history.ts";
import { answer, beginMs, completeView, event, line, sampleTask, soundHistory, view } from "./sample-history.ts";

const sound = soundHistory();

function rulesBroken(change: Partial<History>): readonly Rule[] {
  return [...new Set(checkHistory({ ...sound, ...change }).map(({ rule }) => rule))];
}

it("[CHAOS-1] finds nothing wrong with a sound history", () => {
  expect(checkHistory(sound)).toEqual([]);
});

/** The events of the sample, with one kind replaced or left out. */
function eventsWith(op: string, ...instead: ReturnType<typeof event>[]): History["events"] {
  const index = sound.events.findIndex((one) => one.op === op);
  return [...sound.events.slice(0, index), ...instead, ...sound.events.slice(index + 1)];
}

const aborted = { outcome: "aborted", reason: { code: "failed", message: "broken" } } as const;

const planted: readonly (readonly [Rule, string, Partial<History>])[] = [
  [
    "lost",
    "a dropped task",
    { events: [event("add", 10)], runs: [], answers: [answer("post", 15, 201), answer("final", 9_000, 404)] },
  ],
  [
    "lost",
    "a dropped task that nobody looked at again",
    { events: [event("add", 10)], runs: [], answers: [answer("post", 15, 202)] },
  ],
  [
    "unfinished",
    "a task that is still there",
    {
      events: [event("add", 10)],
      runs: [],
      answers: [answer("post", 15, 201), answer("final", 9_000, 200, { view: view({}) })],
    },
  ],
  ["doubleTerminal", "a second terminal event", { events: [...sound.events, event("timeout", 60_000, 2)] }],
  ["doubleTerminal", "the same terminal event twice", { events: [...sound.events, event("complete", 5_131, 2)] }],
  ["afterTheEnd", "a task that waits again after its end", { events: [...sound.events, event("requeue", 5_131, 2)] }],
  ["overlappingLeases", "a claim while another one holds", { events: eventsWith("requeue") }],
  [
    "overlappingLeases",
    "an attempt that is used again",
    { events: [...sound.events.slice(0, 3), event("ack", 5_020, 1), event("complete", 5_130, 1)] },
  ],
  [
    "overlappingLeases",
    "a lease that is taken before it has ended",
    { exits: [], events: eventsWith("requeue", event("requeue", 3_000, 1)) },
  ],
  ["overlappingRuns", "a first run that nobody stopped", { exits: [] }],
  ["overlappingRuns", "a run that begins twice for one claim", { runs: [...sound.runs, line("start", 5_060, 2)] }],
  [
    "overlappingRuns",
    "an old attempt that begins late",
    { exits: [], runs: [line("start", 5_025, 2), line("returned", 5_125, 2), line("start", 6_000, 1)] },
  ],
  ["staleAccepted", "a stale finish", { events: eventsWith("complete", event("complete", 5_130, 1)) }],
  [
    "staleAccepted",
    "the result of an old attempt",
    {
      answers: [
        ...sound.answers.slice(0, 1),
        answer("final", 9_000, 200, { view: { ...completeView(2), result: { attempt: 1, pid: 101 } } }),
      ],
    },
  ],
  ["staleAccepted", "progress of an old attempt", { events: eventsWith("progress", event("progress", 5_050, 1)) }],
  [
    "staleAccepted",
    "an end by an owner that had given it up",
    { events: eventsWith("progress", event("requeue", 5_050, 2)) },
  ],
  [
    "completeAfterTimeout",
    "a task that completes at its timeout",
    { tasks: [{ ...sampleTask, timeoutAtMs: beginMs + 5_130 }] },
  ],
  ["runAfterAbort", "a claim after an abort", { answers: [...sound.answers, answer("abort", 4_000, 202)] }],
  ["tooEarly", "a claim before its time", { tasks: [{ ...sampleTask, notBeforeAtMs: beginMs + 30 }] }],
  [
    "contentChanged",
    "a handler that is given other attributes",
    { runs: [line("start", 25, 1, { content: "other" }), ...sound.runs.slice(1)] },
  ],
  ["contentChanged", "other content that is taken", { answers: [...sound.answers, answer("conflict", 30, 200)] }],
  [
    "contentChanged",
    "the same content that is refused",
    { answers: [...sound.answers, answer("post", 30, 409, { problem: "task_conflict" })] },
  ],
  ["wrongOutcome", "a handler that has not returned", { runs: sound.runs.slice(0, 2) }],
  ["wrongOutcome", "a task that cannot complete", { tasks: [{ ...sampleTask, kind: "refuse" }] }],
  [
    "wrongOutcome",
    "a timeout before its time",
    { events: eventsWith("complete", event("timeout", 5_130, 2)), answers: sound.answers.slice(0, 1) },
  ],
  [
    "wrongOutcome",
    "a failure of what does not fail",
    { events: eventsWith("complete", event("abort", 5_130, 2, aborted)), answers: sound.answers.slice(0, 1) },
  ],
  [
    "wrongOutcome",
    "an abort that nobody asked for",
    {
      events: eventsWith("complete", event("abort", 5_130, 2, { ...aborted, reason: { code: "requested" } })),
      answers: sound.answers.slice(0, 1),
    },
  ],
  [
    "wrongOutcome",
    "a task that is given up too soon",
    {
      events: eventsWith("complete", event("abort", 5_130, 2, { ...aborted, reason: { code: "lost" } })),
      answers: sound.answers.slice(0, 1),
    },
  ],
  [
    "contradictingView",
    "another outcome than the event's",
    {
      answers: [
        ...sound.answers,
        answer("view", 8_000, 200, { view: view({ state: "done", outcome: "timeout", attempt: 2 }) }),
      ],
    },
  ],
  [
    "contradictingView",
    "a task that has ended and still runs",
    { answers: [...sound.answers, answer("view", 8_000, 200, { view: view({ state: "running", attempt: 2 }) })] },
  ],
  [
    "contradictingView",
    "a task that has ended and is unknown",
    { answers: [...sound.answers.slice(0, 1), answer("final", 9_000, 404)] },
  ],
  ["incompleteHistory", "an event that is missing at the beginning", { events: sound.events.slice(1) }],
  ["incompleteHistory", "a claim that is missing", { events: sound.events.filter(({ attempt }) => attempt !== 1) }],
  ["incompleteHistory", "a run that nobody claimed", { runs: [...sound.runs, line("start", 5_060, 3)] }],
  ["incompleteHistory", "events that could not be read", { eventGaps: ["events are missing"] }],
  [
    "brokenProcess",
    "a process that ends by itself",
    { exits: sound.exits.map((exit) => ({ ...exit, isExpected: false })) },
  ],
  ["brokenProcess", "an API that fails", { answers: [...sound.answers, answer("view", 30, 500)] }],
];

it.each(planted)("[CHAOS-1] finds %s: %s", (rule, _what, change) => {
  expect(rulesBroken(change)).toContain(rule);
});

it("[CHAOS-1] has a planted violation for each rule", () => {
  expect(new Set(planted.map(([rule]) => rule))).toEqual(new Set(ruleNames));
});

it("allows a process that stood still to go on for a moment", () => {
  const freeze = { number: 2, kind: "freeze-scheduler", target: "swift-1", pids: [101] };
  const faults = [{ ...freeze, fromMs: beginMs + 60, untilMs: beginMs + 7_000 }];
  const told = line("stop", 7_500, 1, { code: "lost" });
  expect(rulesBroken({ exits: [], faults, runs: [...sound.runs, told] })).toEqual([]);
  const late = line("stop", 9_700, 1, { code: "lost" });
  expect(rulesBroken({ exits: [], faults, runs: [...sound.runs, late] })).toEqual(["overlappingRuns"]);
});

it("allows what the plan and the faults explain", () => {
  const kinds = [
    [{ kind: "fail" }, event("abort", 5_130, 2, aborted), line("threw", 5_125, 2)],
    [
      { kind: "refuse" },
      event("abort", 5_130, 2, { ...aborted, reason: { code: "rejected" } }),
      line("threw", 5_125, 2),
    ],
    [{ timeoutAtMs: beginMs + 5_100 }, event("timeout", 5_130, 2), line("stop", 5_140, 2)],
  ] as const;
  for (const [task, end, last] of kinds) {
    expect(
      rulesBroken({
        tasks: [{ ...sampleTask, ...task }],
        events: eventsWith("complete", end),
        runs: [...sound.runs.slice(0, 2), last],
        answers: sound.answers.slice(0, 1),
      }),
    ).toEqual([]);
  }
});
