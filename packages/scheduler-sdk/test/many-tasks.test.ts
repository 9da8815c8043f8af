import { expect, it } from "vitest";
import { stopped, World } from "./world.ts";

it("runs many tasks at a time without being taken for a leak by Node.js", async () => {
  const warnings: string[] = [];
  const note = ({ message }: Error): void => void warnings.push(message);
  process.on("warning", note);
  const world = await new World().open();
  try {
    const scheduler = await world.startScheduler({ wait: (_task, run) => stopped(run.signal) }, { concurrency: 20 });
    for (let count = 0; count < 20; count++) await world.schedule("wait");
    await world.clock.advance(100);
    expect(scheduler.running).toBe(20);
  } finally {
    await world.close();
    process.off("warning", note);
  }
  expect(warnings).toEqual([]);
});
