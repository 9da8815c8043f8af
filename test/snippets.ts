import { dirname, join } from "node:path";
import ts from "typescript";
import { publicPackages, root, type SourceFile } from "./source-files.ts";

/** A piece of TypeScript in a document. */
export interface Snippet extends SourceFile {
  /** Of the document; the first line of the snippet is the next one. */
  readonly line: number;
  /** The path of the document. */
  readonly document: string;
}

/** The blocks of a Markdown document that are marked `ts`. Each has a path of its own, beside the document. */
export function snippetsOf(document: SourceFile): readonly Snippet[] {
  return [...document.text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(({ index, 1: text = "" }) => {
    const line = document.text.slice(0, index).split("\n").length;
    const path = join(dirname(document.path), `snippet-${line}.ts`);
    return { path, text, line, document: document.path };
  });
}

/** What does not type-check, `document:line` and a sentence each. `@mayfly/*` are the sources of this repository. */
export function typeProblems(snippets: readonly Snippet[]): readonly string[] {
  const options = compilerOptions();
  const byPath = new Map(snippets.map((snippet) => [join(root, snippet.path), snippet]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => byPath.has(path) || fileExists.call(host, path);
  host.readFile = (path) => byPath.get(path)?.text ?? readFile.call(host, path);
  host.getSourceFile = (path, languageVersion) => {
    const text = host.readFile(path);
    return text === undefined ? undefined : ts.createSourceFile(path, text, languageVersion);
  };
  const program = ts.createProgram({ rootNames: [...byPath.keys()], options, host });
  return [...byPath].flatMap(([path, snippet]) => {
    const file = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    return found.map(({ start = 0, messageText }) => {
      const line = snippet.line + 1 + (file?.getLineAndCharacterOfPosition(start).line ?? 0);
      return `${snippet.document}:${line} ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
  });
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    readonly config: object;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  return { ...options, noUnusedLocals: false, noUnusedParameters: false, paths: packagePaths() };
}

/** A document may show any package, whichever depends on which. */
function packagePaths(): Record<string, string[]> {
  const entries = publicPackages().flatMap(({ path, manifest }) =>
    Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]) => {
      const source = typeof target === "string" ? undefined : target["@mayfly/source"];
      return source === undefined ? [] : [[join(manifest.name, subpath), [join(root, path, source)]] as const];
    }),
  );
  const express = join(root, "packages/http-server/node_modules/@types/express/index.d.ts");
  return { ...Object.fromEntries(entries), express: [express] };
}
