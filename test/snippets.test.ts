import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { snippetsOf, typeProblems } from "./snippets.ts";
import { publicPackages, root, type SourceFile } from "./source-files.ts";

/** A cold check of all sources that the snippets reach, on a busy machine. */
const timeout = 240_000;

function read(path: string): SourceFile {
  return { path, text: readFileSync(join(root, path), "utf8") };
}

const packages = publicPackages().map(({ path, manifest }) => ({ path: `${path}/README.md`, name: manifest.name }));

it("[DOC-1] the snippets of every README type-check", { timeout }, () => {
  const documents = ["README.md", ...packages.map(({ path }) => path)];
  const snippets = documents.flatMap((path) => snippetsOf(read(path)));
  expect(snippets.length).toBeGreaterThanOrEqual(packages.length);
  expect(typeProblems(snippets)).toEqual([]);
});

it("[DOC-2] every published package says in at most 40 lines what it is, with an example and where to read on", () => {
  for (const { path, name } of packages) {
    const { text } = read(path);
    const lines = text.trimEnd().split("\n");
    const parts = { path, head: lines[0], isShort: lines.length <= 40, install: text.includes(`npm install ${name}`) };
    const more = { example: /^```(ts|js)$/m.test(text), readOn: /\bdocs\//.test(text) };
    expect({ ...parts, ...more }).toEqual({
      path,
      head: `# ${name}`,
      isShort: true,
      install: true,
      example: true,
      readOn: true,
    });
  }
});

const block = (text: string): SourceFile => ({
  path: "packages/task/A.md",
  text: `# A\n\n\`\`\`ts\n${text}\n\`\`\`\n`,
});

it("finds the blocks of a document and what is wrong with them", { timeout }, () => {
  const good = snippetsOf(
    block('import type { Task } from "@mayfly/task";\nexport const a = (task: Task) => task.id;'),
  );
  expect(good).toMatchObject([{ document: "packages/task/A.md", line: 3 }]);
  expect(snippetsOf({ path: "A.md", text: "```sh\nls\n```\n" })).toEqual([]);
  const bad = snippetsOf(block('import { nothing } from "@mayfly/task";\nexport const a: number = "text";\n@'));
  expect(typeProblems([...good, ...bad].map((one, index) => ({ ...one, path: `packages/task/${index}.ts` })))).toEqual([
    expect.stringMatching(/^packages\/task\/A\.md:6 .*expected/),
    expect.stringMatching(/^packages\/task\/A\.md:4 .*no exported member 'nothing'/),
    expect.stringMatching(/^packages\/task\/A\.md:5 .*not assignable to type 'number'/),
  ]);
});
