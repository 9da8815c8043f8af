/** What goes wrong in a simulation. The first twelve are planned for a moment, the others happen to a call or a message. */
export type FaultKind =
  | "crash"
  | "crash_point"
  | "pause"
  | "drain"
  | "store_away"
  | "store_cut"
  | "broker_away"
  | "queue_purged"
  | "queue_deleted"
  | "clock_jump"
  | "claim_stuck"
  | "store_wiped"
  | "connections_lost"
  | "answer_lost"
  | "call_late"
  | "hint_lost"
  | "confirm_lost"
  | "publish_late"
  | "message_doubled"
  | "message_garbled"
  | "ack_lost";

/** Counts what went wrong. */
export class FaultLog {
  readonly #counts = new Map<FaultKind, number>();

  add(kind: FaultKind): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  /** How many there were of each kind. */
  get counts(): ReadonlyMap<FaultKind, number> {
    return this.#counts;
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }
}
