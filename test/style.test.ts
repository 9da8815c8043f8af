import { describe, expect, it } from "vitest";
import { sizeProblems } from "./file-sizes.ts";
import { publicPackages, sourceFiles } from "./source-files.ts";
import { libraryRules, type StyleRule, sourceRules, testRules } from "./style-rules.ts";

/** Parsing every file for each rule takes most of a minute on a machine that is very busy. */
const parseTimeoutMs = 180_000;
const sources = sourceFiles(/^(packages|apps|internal|examples)\/[^/]+\/src\//);
const published = publicPackages().map(({ path }) => `${path}/src/`);
const libraries = sources.filter(({ path }) => published.some((folder) => path.startsWith(folder)));
const tests = sourceFiles(/\.test\.ts$|\/test\/|^packages\/[^/]+\/src\/contract/);

describe("[PKG-2] the repository", () => {
  it("keeps its files small", () => expect(sizeProblems(sources)).toEqual([]));

  it("has no any, enum, export * or default export", { timeout: parseTimeoutMs }, () => {
    expect(apply(sourceRules, [...sources, ...tests])).toEqual([]);
  });

  it("has libraries that read no environment and write to no console", { timeout: parseTimeoutMs }, () => {
    expect(apply(libraryRules, libraries)).toEqual([]);
  });

  it("has tests that neither sleep nor skip nor retry", { timeout: parseTimeoutMs }, () =>
    expect(apply(testRules, tests)).toEqual([]),
  );
});

function apply(rules: readonly StyleRule[], files: readonly { path: string; text: string }[]): readonly string[] {
  return files.flatMap((file) => rules.flatMap((rule) => rule(file)));
}

describe("the rules", () => {
  const bad: readonly (readonly [string, readonly StyleRule[], string])[] = [
    ["const a: any = 1;", sourceRules, "uses any"],
    ["type A = Record<string, any[]>;", sourceRules, "uses any"],
    ["const enum Colour { Red }", sourceRules, "has an enum"],
    ['export * from "./a.ts";', sourceRules, "exports everything"],
    ['export * as a from "./a.ts";', sourceRules, "exports everything"],
    ["export default class A {}", sourceRules, "has a default export"],
    ["const a = 1;\nexport default a;", sourceRules, "has a default export"],
    ['export { a as default } from "./a.ts";', sourceRules, "has a default export"],
    ['const port = process.env["PORT"];', libraryRules, "reads process.env"],
    ["const { PORT } = process.env;", libraryRules, "reads process.env"],
    ['console.warn("a");', libraryRules, "writes to console"],
    ['import { setTimeout } from "node:timers/promises";', testRules, "sleeps"],
    ["await new Promise((resolve) => setTimeout(resolve, 5));", testRules, "sleeps"],
    ["await new Promise<void>((done) => { setTimeout(() => done(), 5); });", testRules, "sleeps"],
    ['it.only("a", () => {});', testRules, "skips or singles out"],
    ['describe.skip("a", () => {});', testRules, "skips or singles out"],
    ['test.concurrent.skipIf(true)("a", () => {});', testRules, "skips or singles out"],
    ['it.todo("a");', testRules, "skips or singles out"],
    ['it("a", { retry: 3 }, () => {});', testRules, "retries"],
  ];

  it.each(bad)("do not accept %s", (text, rules, problem) => {
    expect(apply(rules, [{ path: "a.ts", text }])[0]).toMatch(new RegExp(`^a\\.ts:\\d ${problem}`));
  });

  const good: readonly (readonly [string, readonly StyleRule[]])[] = [
    ["// any enum, export * and export default\nconst any = 'any';", sourceRules],
    ['export { a, type B } from "./a.ts";', sourceRules],
    ["switch (a) { case 1: break; default: b(); }", sourceRules],
    ["env.PORT; process.pid; logger.warn({}, 'console');", libraryRules],
    ["const timer = setTimeout(() => controller.abort(), 5);", testRules],
    ["new Promise((resolve, reject) => { setTimeout(() => reject(new Error('late')), 5); resolve(1); });", testRules],
    ['it("a", { timeout: 5 }, () => new Scheduler({ retry: { maxAttempts: 3 } }));', testRules],
    ['list.skip(3); it("a", () => {});', testRules],
  ];

  it.each(good)("accept %s", (text, rules) => expect(apply(rules, [{ path: "a.ts", text }])).toEqual([]));
});

describe("the limits of size", () => {
  const file = (path: string, lines: number) => ({ path, text: "a\n".repeat(lines) });

  it("hold for the longest file and for main.ts", () => {
    const small = Array.from({ length: 20 }, (_, index) => file(`${index}.ts`, 10));
    expect(sizeProblems([...small, file("a.ts", 400), file("apps/a/src/main.ts", 60)])).toEqual([]);
    expect(sizeProblems([...small, file("a.ts", 401), file("apps/a/src/main.ts", 61)])).toEqual([
      "apps/a/src/main.ts has 61 lines, more than 60.",
      "a.ts has 401 lines, more than 400.",
    ]);
  });

  it("hold for the median and for the 90th percentile", () => {
    expect(sizeProblems([file("a.ts", 111), file("b.ts", 112)])).toEqual(["The median is 111 lines, more than 110."]);
    const mostlySmall = Array.from({ length: 8 }, (_, index) => file(`${index}.ts`, 10));
    expect(sizeProblems([...mostlySmall, file("a.ts", 251), file("b.ts", 251)])).toEqual([
      "The 90th percentile is 251 lines, more than 250.",
    ]);
  });
});
