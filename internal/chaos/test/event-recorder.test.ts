import { silentLogger, systemClock } from "@mayfly/service";
import type { EventPage } from "@mayfly/store";
import { expect, it } from "vitest";
import { EventRecorder } from "../src/event-recorder.ts";
import { event } from "./sample-history.ts";

const [added, ended] = [event("add", 10), event("complete", 20, 1)];

function recorder(pages: readonly (EventPage | Error)[]) {
  const asked: (string | undefined)[] = [];
  const gaps: string[] = [];
  const events: unknown[] = [];
  let isRead = (): void => undefined;
  const read = new Promise<void>((resolve) => {
    isRead = resolve;
  });
  const store = {
    events: async ({ after }: { readonly after?: string | undefined }) => {
      const page = pages[asked.length];
      asked.push(after);
      if (page instanceof Error) throw page;
      if (page !== undefined) return page;
      isRead();
      return { gap: false, events: [], position: after ?? "" };
    },
  };
  const clock = { ...systemClock, sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) };
  const made = new EventRecorder({
    store,
    clock,
    logger: silentLogger,
    onEvent: (one) => events.push(one),
    onGap: (message) => gaps.push(message),
  });
  return { made, asked, gaps, events, read };
}

it("reads on from where it was, also when the store does not answer, and knows what has ended", async () => {
  const { made, asked, gaps, events, read } = recorder([
    { gap: false, events: [{ position: "1", event: added }], position: "1" },
    new Error("away"),
    { gap: false, events: [{ position: "2", event: ended }], position: "2" },
  ]);
  made.start();
  await read;
  await made.stop();
  expect(asked.slice(0, 4)).toEqual([undefined, "1", "1", "2"]);
  expect([events, gaps]).toEqual([[added, ended], []]);
  expect([made.hasEnded(added.id), made.endedCount]).toEqual([true, 1]);
});

it("[CHAOS-1] tells of each gap", async () => {
  const { made, gaps, read } = recorder([{ gap: true, events: [], position: "9" }]);
  made.start();
  await read;
  await made.stop();
  expect(gaps).toEqual(["events are missing after the position of the beginning"]);
});
