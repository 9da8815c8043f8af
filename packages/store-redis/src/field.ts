/**
 * A value as a line of a record; an absent one is an empty line.
 *
 * @throws TypeError when it contains a line break, which would make two lines of it
 */
export function field(value: string | number | undefined): string {
  const text = value === undefined ? "" : String(value);
  if (text.includes("\n"))
    throw new TypeError(`A value of a task must not contain a line break: ${JSON.stringify(text)}`);
  return text;
}

/** How long a key is kept, in milliseconds: Redis takes no lifetime of 0. */
export function lifetime(ms: number): number {
  return Math.max(1, ms);
}

/** A value as a line of JSON. */
export function jsonField(value: unknown): string {
  return value === undefined ? "" : JSON.stringify(value);
}
