/** The rows, without the head, of the first table of a Markdown document below the heading `## <heading>`. */
export function tableRows(document: string, heading: string): readonly (readonly string[])[] {
  const section = document.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0];
  const lines = section?.split("\n") ?? [];
  const first = lines.findIndex((line) => line.startsWith("|"));
  if (first === -1) throw new Error(`There is no table under ${heading}.`);
  const length = lines.slice(first).findIndex((line) => !line.startsWith("|"));
  return lines.slice(first + 2, first + length).map((line) =>
    line
      .slice(1, -1)
      .split(" | ")
      .map((cell) => cell.trim()),
  );
}
