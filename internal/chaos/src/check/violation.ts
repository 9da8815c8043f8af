/** What a history may be found guilty of, by the names of the table. */
export const rules = {
  lost: "accepted, never ended, and unknown at the end",
  unfinished: "accepted, and not done when the run ended",
  doubleTerminal: "more than one terminal event",
  afterTheEnd: "something happened to it after its terminal event",
  overlappingLeases: "claimed while another claim held it, or with an attempt that had been used",
  overlappingRuns: "two owners ran it at the same time, beyond what a fence can do",
  staleAccepted: "something that an old attempt said was taken",
  completeAfterTimeout: "complete although its timeout had come",
  runAfterAbort: "claimed after an abort had been answered",
  tooEarly: "claimed before its time",
  contentChanged: "its content was changed, or other content was taken for it",
  wrongOutcome: "ended in a way that what was done and asked for does not explain",
  contradictingView: "an API said something that the events contradict",
  incompleteHistory: "the events do not tell all that has happened",
  brokenProcess: "a process ended by itself, or an API failed",
} as const;

/** See {@link rules}. */
export type Rule = keyof typeof rules;

/** The names of the rules, in the order of the table. */
export const ruleNames = Object.keys(rules) as readonly Rule[];

/** One thing that must not be. */
export interface Violation {
  readonly rule: Rule;
  /** The task, if it is about one. */
  readonly id?: string;
  readonly detail: string;
}
