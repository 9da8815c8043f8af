import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { citationProblems } from "./citations.ts";
import { requirements } from "./requirements.ts";
import { sourceFiles } from "./source-files.ts";

const tests = sourceFiles(/\.test\.ts$|^packages\/[^/]+\/src\/contract/);

it("[PKG-3] names every promise in a test, and no promise that is not listed", () => {
  expect(citationProblems(requirements, tests)).toEqual([]);
});

it("[PKG-3] says of each promise in which file of this repository it is written down", () => {
  const written = (source: string): boolean => existsSync(new URL(`../${source.split(/[,;]/)[0]}`, import.meta.url));
  expect(requirements.filter(({ source }) => !written(source)).map(({ id, source }) => `${id}: ${source}`)).toEqual([]);
});

const listed = { id: "A-1", sentence: "It is so.", source: "here" } as const;
/** Put together here, so that it is no citation in this file. */
const citation = `[${listed.id}]`;
const citing = { path: "a.test.ts", text: `it("${citation} is so", () => {});` };

it("is content when the list and the tests agree", () => {
  expect(citationProblems([listed], [citing])).toEqual([]);
  expect(citationProblems([listed], [{ ...citing, text: `it(\`${citation} is \${very} so\`, run)` }])).toEqual([]);
});

it("reports a promise that no test names, or that only a comment names", () => {
  expect(citationProblems([listed], [])).toEqual(["A-1 is not named by any test."]);
  expect(citationProblems([listed], [{ ...citing, text: `// ${citation}` }])).toEqual([
    "A-1 is not named by any test.",
  ]);
});

it("reports a name that is not listed", () => {
  const problem = "A-1, named in a.test.ts, is not listed in test/requirements.ts.";
  expect(citationProblems([], [citing])).toEqual([problem]);
});

it("reports a promise that is listed twice", () => {
  expect(citationProblems([listed, listed], [citing])).toEqual(["A-1 is listed twice in test/requirements.ts."]);
});
