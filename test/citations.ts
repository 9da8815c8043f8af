import ts from "typescript";
import type { Requirement } from "./requirements.ts";
import type { SourceFile } from "./source-files.ts";
import { nodesOf, parse } from "./syntax.ts";

/** What is wrong between the list of promises and the tests that name them, a sentence each; empty when all is well. */
export function citationProblems(
  requirements: readonly Requirement[],
  tests: readonly SourceFile[],
): readonly string[] {
  const listed = requirements.map(({ id }) => id);
  const cited = new Map(tests.flatMap((file) => citationsOf(file).map((id) => [id, file.path] as const)));
  const twice = listed.filter((id, index) => listed.indexOf(id) !== index);
  return [
    ...twice.map((id) => `${id} is listed twice in test/requirements.ts.`),
    ...listed.filter((id) => !cited.has(id)).map((id) => `${id} is not named by any test.`),
    ...[...cited]
      .filter(([id]) => !listed.some((known) => known === id))
      .map(([id, path]) => `${id}, named in ${path}, is not listed in test/requirements.ts.`),
  ];
}

/** The ids in square brackets in the strings of a file; comments do not count. */
function citationsOf(file: SourceFile): readonly string[] {
  return [...nodesOf(parse(file))]
    .filter((node) => ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node))
    .flatMap((node) => [...node.text.matchAll(/\[([A-Z][A-Z0-9]*-\d+)\]/g)])
    .map((match) => match[1] ?? "");
}
