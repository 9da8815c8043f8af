import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";

/** The client and all that it is made of. */
const packages = ["client", "http-contract", "service", "task"];

async function sourcesOf(name: string): Promise<readonly (readonly [string, string])[]> {
  const folder = new URL(`../../${name}/src/`, import.meta.url);
  const files = await readdir(folder);
  return Promise.all(files.map(async (file) => [file, await readFile(new URL(file, folder), "utf8")] as const));
}

describe("what runs in a browser", () => {
  it.each(packages)("[CLIENT-7] %s imports nothing of Node", async (name) => {
    const sources = await sourcesOf(name);
    expect(sources.length).toBeGreaterThan(3);
    for (const [file, source] of sources) expect(source, file).not.toMatch(/from "(node:|fs|http|crypto)/);
  });

  it("[CLIENT-7] the client uses nothing that only Node has", async () => {
    for (const [file, source] of await sourcesOf("client")) {
      expect(source, file).not.toMatch(/\b(Buffer|process|require|setImmediate|unref|systemClock)\b[.(;]/);
    }
  });
});
