import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";

const read = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), "utf8");

it("the guide shows this example's runtime and its proof word for word [EX-3]", async () => {
  const guide = await read("../../../docs/runtime.md");
  const blocks = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code ?? "");
  const [runtime, proof, harness] = blocks;
  expect(blocks).toHaveLength(3);
  expect(runtime).toBe(await read("../thread-runtime.ts"));
  const test = await read("./thread-runtime.test.ts");
  expect(test).toContain(proof);
  expect(test).toContain(harness);
});
