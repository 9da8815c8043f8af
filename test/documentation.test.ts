import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { liveStateSchema, transitions } from "@mayfly/task";
import { expect, it } from "vitest";
import { tableRows } from "./markdown-table.ts";
import { root, sourceFiles } from "./source-files.ts";

/** What is looked at of an app's `config.ts`. */
interface ConfigModule {
  readonly configSchema: {
    readonly shape: Readonly<Record<string, { parse(value: undefined): string | number | boolean | undefined }>>;
  };
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

it("[DOC-3] docs/operations.md names every environment variable of every app, with its default", async () => {
  const documented = tableRows(read("docs/operations.md"), "Settings").flatMap(([name, value, programs = ""]) =>
    programs.split(", ").map((program) => `${program}: ${name} = ${value}`),
  );
  const settings: string[] = [];
  for (const app of readdirSync(join(root, "apps"))) {
    const config = (await import(pathToFileURL(join(root, "apps", app, "src/config.ts")).href)) as ConfigModule;
    for (const [name, schema] of Object.entries(config.configSchema.shape)) {
      const value = schema.parse(undefined);
      settings.push(`${app}: \`${name}\` = ${value === undefined ? "–" : `\`${String(value)}\``}`);
    }
  }
  expect(documented.toSorted()).toEqual(settings.toSorted());
});

it("[DOC-5] docs/state-machine.md shows the transition table", () => {
  const rows = tableRows(read("docs/state-machine.md"), "Transitions").map(([name = "", , ...cells]) => [name, cells]);
  const operations = new Set(liveStateSchema.options.flatMap((state) => Object.keys(transitions[state])));
  const table = Object.fromEntries(
    [...operations].map((operation) => [
      `\`${operation}\``,
      liveStateSchema.options.map((state) => {
        const next: Readonly<Record<string, readonly string[]>> = transitions[state];
        return next[operation]?.join(", ") ?? "–";
      }),
    ]),
  );
  expect(Object.fromEntries(rows)).toEqual(table);
});

it("[DOC-5] docs/wire-format.md shows the keys, fields, arguments and headers that the sources use", () => {
  const document = read("docs/wire-format.md").replaceAll(/\s+/g, " ");
  const record = read("packages/store-redis/src/scripts/shared/record.lua");
  const fieldLists = [...record.matchAll(/_FIELDS = \{([^}]*)\}/g)].map(([, list = ""]) =>
    [...list.matchAll(/'(\w+)'/g)].map(([, name]) => name).join(" "),
  );
  const keys = [...read("packages/store-redis/src/keys.ts").matchAll(/`\$\{(?:root|this\.#prefix)\}:(\w+):?/g)];
  const amqp = read("packages/queue-amqp/src/topology.ts") + read("packages/queue-amqp/src/message-codec.ts");
  const names = [...amqp.matchAll(/"((?:x|mayfly)-[a-z-]+)"/g)].map(([, name]) => name);
  expect(fieldLists).toHaveLength(2);
  expect(keys.length).toBeGreaterThan(10);
  expect(names.length).toBeGreaterThan(5);
  for (const fields of fieldLists) expect(document).toContain(fields);
  for (const [, key] of keys)
    expect(document).toMatch(new RegExp(`\`<prefix>:(\\{<shard>\\}:|scheduler:\\{<name>\\}:)?${key}\\b`));
  for (const name of names) expect(document).toContain(`\`${name}`);
});

it("[DOC-6] the log messages of docs/operations.md are those of the sources", () => {
  const sources = sourceFiles(/^(packages|apps)\/[^/]+\/src\//).map(({ text }) => text);
  const messages = tableRows(read("docs/operations.md"), "Logs").flatMap(([cell = ""]) => cell.split(", `"));
  expect(messages.length).toBeGreaterThan(10);
  const quoted = messages.map((message) => `"${message.replaceAll("`", "")}"`);
  expect(quoted.filter((message) => !sources.some((text) => text.includes(message)))).toEqual([]);
});
