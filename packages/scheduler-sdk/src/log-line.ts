/** How long a line of a log may be, in bytes of UTF-8 without its mark. */
const maxLineBytes = 8_192;

const cutMark = " [cut]";

/** What `line` is as a line of a log: at most 8 KiB of whole characters, and a mark if there was more. Never fails. */
export function logLine(line: unknown): string {
  const text = textOf(line);
  if (text.length * 3 <= maxLineBytes) return text;
  // What is long enough is cut without a look at all of it, and the copy does not keep it alive.
  const bytes = Buffer.from(text.slice(0, maxLineBytes + cutMark.length + 1));
  // A runtime that cuts lines at the same length has marked them already.
  if (bytes.length <= maxLineBytes + cutMark.length) return text;
  let end = maxLineBytes;
  while (isContinuation(bytes[end])) end--;
  return `${bytes.toString("utf8", 0, end)}${cutMark}`;
}

function textOf(line: unknown): string {
  try {
    return String(line);
  } catch {
    return "[a value that cannot be said as text]";
  }
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
