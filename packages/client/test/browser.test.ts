import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";

/** The client and all that it is made of. */
const packages = ["client", "http-contract", "service", "task"];

async function sourcesOf(name: string): Promise<readonly (readonly [string, string])[]> {
  const folder = new URL(`../../${name}/src/`, import.meta.url);
  const files = await readdir(folder);
  return Promise.all(files.map(async (file) => [file, await readFile(new URL(file, folder), "utf8")] as const));
}

function matching(sources: readonly (readonly [string, string])[], pattern: RegExp): readonly string[] {
  return sources.filter(([, source]) => pattern.test(source)).map(([file]) => file);
}

describe("what runs in a browser", () => {
  it.each(packages)("[CLIENT-7] %s imports nothing of Node", async (name) => {
    const sources = await sourcesOf(name);
    expect(sources.length).toBeGreaterThan(3);
    expect(matching(sources, /from "(node:|fs|http|crypto)/)).toEqual([]);
  });

  it("[CLIENT-7] the client uses nothing that only Node has", async () => {
    const sources = await sourcesOf("client");
    expect(matching(sources, /\b(Buffer|process|require|setImmediate|unref|systemClock)\b[.(;]/)).toEqual([]);
  });
});
