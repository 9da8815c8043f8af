import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";

describe("the client's sources", () => {
  it("[CLIENT-7] use nothing that a browser does not have", async () => {
    const folder = new URL("../src/", import.meta.url);
    const files = await readdir(folder);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) {
      const source = await readFile(new URL(file, folder), "utf8");
      expect(source, file).not.toMatch(/from "node:|\bBuffer\b|\bprocess\.|\brequire\(|setImmediate|\bunref\(/);
    }
  });
});
