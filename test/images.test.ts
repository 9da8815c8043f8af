import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "./source-files.ts";

/** A stage of the Dockerfile: what it is built on, and its instructions. */
interface Stage {
  readonly name: string;
  readonly from: string;
  readonly steps: readonly (readonly [instruction: string, rest: string])[];
}

const text = readFileSync(join(root, "Dockerfile"), "utf8");
const steps = text
  .replaceAll(/^#.*\n/gm, "")
  .replaceAll(/\\\n\s*/g, "")
  .split("\n")
  .filter((line) => line !== "")
  .map((line): readonly [string, string] => [line.split(" ", 1)[0] ?? "", line.slice(line.indexOf(" ") + 1)]);
const starts = steps.flatMap(([instruction], index) => (instruction === "FROM" ? [index] : []));
const stages = starts.map((start, index): Stage => {
  const [, from = "", name = ""] = /^(\S+) AS (\S+)$/.exec(steps[start]?.[1] ?? "") ?? [];
  return { name, from, steps: steps.slice(start + 1, starts[index + 1]) };
});
const apps = readdirSync(join(root, "apps")).filter((app) => existsSync(join(root, "apps", app, "src/main.ts")));

/** All that is done for a stage, from its base image on, without the stages that it only copies from. */
function history(name: string): Stage["steps"] {
  const stage = stages.find((candidate) => candidate.name === name);
  return stage === undefined ? [] : [...history(stage.from), ...stage.steps];
}

const said = (name: string, instruction: string): readonly string[] =>
  history(name).flatMap(([found, rest]) => (found === instruction ? [rest] : []));

it("[APP-17] there is an image for each program, on a base that has a version", () => {
  expect(stages.map(({ name }) => name).toSorted()).toEqual([...apps, "build", "program"].toSorted());
  expect(steps[0]).toEqual(["ARG", "NODE_IMAGE=node:20-bookworm-slim"]);
  expect(stages.map(({ from }) => from).filter((from) => from !== "program")).toEqual([
    "${NODE_IMAGE}",
    "${NODE_IMAGE}",
  ]);
});

it.each(apps)("[APP-17] the image of %s is a numbered user's, and has only what was built for it", (app) => {
  expect(said(app, "USER")).toEqual(["10001:10001"]);
  expect(said(app, "COPY")).toEqual([`--from=build /out/${app} ./`]);
  expect(said(app, "CMD")).toEqual(['["node", "dist/main.js"]']);
  expect([...said(app, "RUN"), ...said(app, "ADD"), ...said(app, "ENTRYPOINT")]).toEqual([]);
  expect(said(app, "ENV")).toContain("NODE_ENV=production");
});

it("[APP-17] images are built from the lockfile, and what may be secret is not sent to the engine", () => {
  const built = said("build", "RUN").join("\n");
  for (const app of apps) expect(built).toMatch(new RegExp(`for app in .*\\b${app}\\b`));
  expect(built).toContain("pnpm install --frozen-lockfile ");
  expect(built).toContain(" --prod deploy ");
  const ignored = readFileSync(join(root, ".dockerignore"), "utf8").split("\n");
  expect(ignored).toEqual(expect.arrayContaining([".git", "**/.npmrc", "**/.env", "**/*.pem", "**/*.key"]));
  expect(ignored).toEqual(expect.arrayContaining(["**/node_modules", "**/dist"]));
});
