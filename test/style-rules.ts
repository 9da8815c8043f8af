import ts from "typescript";
import type { SourceFile } from "./source-files.ts";
import { nodesOf, parse, placeOf } from "./syntax.ts";

/** What is wrong with a file, `path:line` and a sentence each. */
export type StyleRule = (file: SourceFile) => readonly string[];

/** A rule that looks at one node after the other. */
function rule(problem: string, applies: (node: ts.Node) => boolean): StyleRule {
  return (file) => [...nodesOf(parse(file))].filter(applies).map((node) => `${placeOf(node)} ${problem}`);
}

/** Every source of the repository. */
export const sourceRules: readonly StyleRule[] = [
  rule("uses any", (node) => node.kind === ts.SyntaxKind.AnyKeyword),
  rule("has an enum; use a union of strings", ts.isEnumDeclaration),
  rule("exports everything of a module; list the names", isExportStar),
  rule("has a default export; name it", isDefaultExport),
];

/** The published packages, which are told what they need. */
export const libraryRules: readonly StyleRule[] = [
  rule("reads process.env; take it as an option", (node) => isMember(node, "process", "env")),
  rule("writes to console; take a logger", (node) => ts.isIdentifier(node) && node.text === "console"),
];

/** Tests, contract suites included. */
export const testRules: readonly StyleRule[] = [
  rule("sleeps; wait for an event or drive the clock", isSleep),
  rule("skips or singles out tests", isSelectedTest),
  rule("retries", (node) => ts.isPropertyAssignment(node) && node.name.getText() === "retry" && isTestOption(node)),
];

function isExportStar(node: ts.Node): boolean {
  return ts.isExportDeclaration(node) && (node.exportClause === undefined || ts.isNamespaceExport(node.exportClause));
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node) || node.kind === ts.SyntaxKind.DefaultKeyword) return !isCaseClause(node);
  return ts.isExportSpecifier(node) && node.name.text === "default";
}

function isCaseClause(node: ts.Node): boolean {
  return ts.isDefaultClause(node) || ts.isCaseBlock(node.parent);
}

function isMember(node: ts.Node, object: string, member: string): boolean {
  return ts.isPropertyAccessExpression(node) && node.expression.getText() === object && node.name.text === member;
}

const modifiers = new Set(["skip", "only", "todo", "skipIf", "runIf", "fails"]);
const testFunctions = new Set(["it", "test", "describe", "suite"]);

/** `it.only`, `describe.concurrent.skip`, … */
function isSelectedTest(node: ts.Node): boolean {
  return ts.isPropertyAccessExpression(node) && modifiers.has(node.name.text) && testFunctions.has(rootOf(node));
}

function rootOf(node: ts.Expression): string {
  if (ts.isPropertyAccessExpression(node) || ts.isCallExpression(node)) return rootOf(node.expression);
  return node.getText();
}

/** A member of an object that is given to `it`, `test` or `describe`. */
function isTestOption(node: ts.PropertyAssignment): boolean {
  const call = node.parent.parent;
  return ts.isCallExpression(call) && testFunctions.has(rootOf(call.expression));
}

/** An import of the promise timers, or a promise that a timer resolves: `new Promise((done) => setTimeout(done, 5))`. */
function isSleep(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node)) return /"(node:)?timers\/promises"/.test(node.moduleSpecifier.getText());
  if (!ts.isNewExpression(node) || node.expression.getText() !== "Promise") return false;
  const executor = node.arguments?.[0];
  if (executor === undefined || !(ts.isArrowFunction(executor) || ts.isFunctionExpression(executor))) return false;
  const resolve = executor.parameters[0]?.name.getText();
  return [...nodesOf(executor.body)].some(
    (inner) =>
      ts.isCallExpression(inner) &&
      /(^|\.)setTimeout$/.test(inner.expression.getText()) &&
      [...nodesOf(inner)].some((part) => ts.isIdentifier(part) && part.text === resolve),
  );
}
