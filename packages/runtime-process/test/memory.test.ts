import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { HostProcess } from "./host-process.ts";
import { sh } from "./runtime-trial.ts";

/** Runs commands and says by how much the memory of their host has grown at most, in MiB. */
const measure = `
  const run = async (command) => runtime.wait(await start(command), context);
  await run("warm"); // Until garbage is collected as often as it is made.
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5);
  const results = [await run("lines"), await run("line")];
  clearInterval(timer);
  say("grown " + JSON.stringify({ mb: (most - before) / 2 ** 20, results, lines }));
`;

it("[PROC-11] bears 100 MB of output, in lines and in one line, in the memory that it had", {
  timeout: 60_000,
}, async () => {
  const stateFolder = mkdtempSync(join(tmpdir(), "mayfly-test-"));
  try {
    const commands = {
      warm: sh("yes 0123456789 | head -c 100000000"),
      lines: sh("yes 0123456789 | head -c 100000000"),
      line: sh("head -c 100000000 /dev/zero"),
    };
    await using host = new HostProcess(measure, { stateFolder, commands });
    const grown = JSON.parse(await host.said("grown ", 50_000)) as { readonly mb: number; readonly lines: number };
    expect(grown).toMatchObject({ results: [{ status: "complete" }, { status: "complete" }] });
    expect(grown.mb).toBeLessThan(30);
    // Twice the lines of 1 MiB and a last one, and the beginning of the long one.
    expect(grown.lines).toBe(2 * (Math.floor(2 ** 20 / 11) + 1) + 1);
  } finally {
    rmSync(stateFolder, { recursive: true, force: true });
  }
});
