import { ManualClock } from "@mayfly/service/testing";
import { expect, it } from "vitest";
import { ApiError } from "../src/api-error.ts";
import { LogFollower } from "../src/log-follower.ts";

type Range = { readonly sinceTime: string | undefined; readonly follows: boolean };
type Stream = (range: Range) => AsyncGenerator<Buffer>;

/** A log whose streams end as is said, one after the other; when the last begins, the work has ended. */
async function told(
  streams: readonly Stream[],
  { maxBytes = 1_000, sinceMs }: { readonly maxBytes?: number; readonly sinceMs?: number } = {},
): Promise<{ lines: string[]; times: (number | undefined)[]; ranges: Range[] }> {
  const clock = new ManualClock();
  const ended = new AbortController();
  const lines: string[] = [];
  const times: (number | undefined)[] = [];
  const ranges: Range[] = [];
  const follower = new LogFollower({
    open(range) {
      ranges.push(range);
      const stream = streams[ranges.length - 1];
      if (ranges.length >= streams.length - 1) ended.abort();
      if (stream === undefined) throw new Error("There are no more streams.");
      return stream(range);
    },
    log: (line, saidAt) => {
      lines.push(line);
      times.push(saidAt);
    },
    sinceMs,
    maxBytes,
    clock,
    ended: ended.signal,
  });
  let isDone = false;
  void follower.done.then(() => (isDone = true));
  while (!isDone) await clock.advance(5_000);
  return { lines, times, ranges };
}

const line = (nanoseconds: string, text: string): Buffer =>
  Buffer.from(`2026-01-02T03:04:05.${nanoseconds}Z ${text}\n`);

it("[KUBE-8] takes up a log that breaks where it was: no line twice, none left out", async () => {
  const { lines, ranges } = await told([
    async function* () {
      yield line("000000001", "one");
      yield line("000000002", "two");
      yield Buffer.from("2026-01-02T03:04:05.000000003Z thr");
      throw new Error("reset");
    },
    async function* () {
      yield line("000000001", "one");
      yield line("000000002", "two");
      yield line("000000002", "two again");
      yield line("000000003", "three");
    },
    async function* () {
      yield line("000000003", "three");
      yield Buffer.from("2026-01-02T03:04:05.000000004Z no end");
    },
  ]);
  expect(lines).toEqual(["one", "two", "two again", "three", "no end"]);
  expect(ranges).toEqual([
    { sinceTime: undefined, follows: true },
    { sinceTime: "2026-01-02T03:04:05Z", follows: true },
    { sinceTime: "2026-01-02T03:04:05Z", follows: false },
  ]);
});

it("[KUBE-19] tells the next owner what is not logged yet, and when it was said", async () => {
  const sinceMs = Date.UTC(2026, 0, 2, 3, 4, 5, 7);
  const { lines, times, ranges } = await told(
    [
      async function* () {
        yield line("001000000", "logged");
        yield line("006999999", "logged last");
        yield line("007000000", "perhaps logged");
        yield Buffer.from("what the node says\n");
        yield line("007999999", "not logged");
      },
      async function* () {
        yield line("001000000", "logged");
        yield line("007999999", "not logged");
        yield line("008000000", "new");
      },
    ],
    { sinceMs },
  );
  expect(lines).toEqual(["perhaps logged", "what the node says", "not logged", "new"]);
  expect(times).toEqual([sinceMs, undefined, sinceMs, sinceMs + 1]);
  expect(ranges.map(({ sinceTime }) => sinceTime)).toEqual(["2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"]);
});

it("[KUBE-8] tells at most so much of a log, says so, and reads no more of it", async () => {
  let isRead = false;
  const { lines } = await told(
    [
      async function* () {
        for (let index = 0; index < 10; index++) yield line("000000001", "123456789");
        isRead = true;
      },
    ],
    { maxBytes: 50 },
  );
  expect(lines).toEqual([
    ...Array.from({ length: 5 }, () => "123456789"),
    "[log cut: the pod has written more than 50 bytes]",
  ]);
  expect(isRead).toBe(false);
});

it("[KUBE-8] asks no more for the log of a pod that is gone", async () => {
  const { ranges } = await told([
    async function* () {
      yield line("000000001", "one");
      throw new ApiError(404, "NotFound", "pods not found");
    },
    async function* () {
      yield line("000000002", "of another");
    },
  ]);
  expect(ranges).toHaveLength(1);
});
