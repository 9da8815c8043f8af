import ts from "typescript";
import type { SourceFile } from "./source-files.ts";
import { parse } from "./syntax.ts";

/** The sorted names that a module exports, types as `type X`. Throws for `export *`, which hides them. */
export function exportedNames(file: SourceFile): readonly string[] {
  return parse(file).statements.flatMap(namesOf).sort();
}

function namesOf(statement: ts.Statement): readonly string[] {
  if (ts.isExportDeclaration(statement)) return namesOfDeclaration(statement);
  if (ts.isExportAssignment(statement)) return ["default"];
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  if (!modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) {
    return [`type ${statement.name.text}`];
  }
  if (ts.isClassDeclaration(statement) || ts.isFunctionDeclaration(statement)) {
    return [statement.name?.text ?? "default"];
  }
  throw new Error(`This export is of no known kind: ${statement.getText()}`);
}

function namesOfDeclaration(declaration: ts.ExportDeclaration): readonly string[] {
  const clause = declaration.exportClause;
  if (clause === undefined || !ts.isNamedExports(clause)) {
    throw new Error(`An entry point must list its exports: ${declaration.getText()}`);
  }
  return clause.elements.map(({ name, isTypeOnly }) =>
    isTypeOnly || declaration.isTypeOnly ? `type ${name.text}` : name.text,
  );
}
