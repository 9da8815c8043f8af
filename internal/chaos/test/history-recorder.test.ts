import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { HistoryRecorder } from "../src/history-recorder.ts";
import { event, line, sampleTask } from "./sample-history.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mayfly-history-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("keeps what it is told and what handlers have written, an unfinished line apart", async () => {
  const recorder = await HistoryRecorder.begin(folder);
  recorder.tell("tasks", sampleTask);
  recorder.tell("events", event("add", 10));
  const [first, second] = [line("start", 25), line("start", 20, 2)];
  await appendFile(join(recorder.journals, "101.ndjson"), `${JSON.stringify(first)}\n{"atMs":`);
  await appendFile(join(recorder.journals, "102.ndjson"), `${JSON.stringify(second)}\n`);
  await recorder.close();
  const history = await recorder.read();
  expect(history).toMatchObject({ tasks: [sampleTask], events: [event("add", 10)], runs: [second, first] });
  expect(await readFile(join(folder, "tasks.ndjson"), "utf8")).toBe(`${JSON.stringify(sampleTask)}\n`);
});
