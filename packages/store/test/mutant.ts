/** A bug that is planted into the in-process store: one place of one source is replaced. */
export interface Mutant {
  /** What the store does wrong then. */
  readonly title: string;
  /** The source, below `src`. */
  readonly file: string;
  /** Occurs exactly once in it. */
  readonly find: string;
  readonly replace: string;
}
