import { readFileSync } from "node:fs";
import { type ProblemCode, problems, type Route, routes } from "@mayfly/http-contract";
import { expect, it } from "vitest";

const document = readFileSync(new URL("../../../docs/http-api.md", import.meta.url), "utf8");

/** What the words of the page's table of routes stand for. */
const shorthands: Readonly<Record<string, readonly ProblemCode[]>> = {
  body: ["malformed_json", "too_large", "unsupported_media_type"],
  store: ["store_unavailable", "internal"],
};

it("[DOC-4] docs/http-api.md names every route, with its statuses and codes", () => {
  const rows = [...document.matchAll(/^\| `([A-Z]+ \/\S*)` \| .* \| (\d{3}.*) \| (.*) ?\|$/gm)];
  const documented = rows.map(([, route, success = "", errors = ""]) => {
    const names = errors.split(", ").map((name) => name.replaceAll("`", "").trim());
    const codes = names.flatMap((name) => shorthands[name] ?? name).filter((name) => name !== "");
    const statuses = [...success.matchAll(/(?:^|; )(\d{3})/g)].map(([, status = ""]) => status);
    return { route, statuses: statuses.toSorted(), codes: codes.toSorted() };
  });
  const served = Object.values<Route>(routes).map(({ method, path, responses, errors }) => ({
    route: `${method} ${path}`,
    statuses: Object.keys(responses).toSorted(),
    codes: [...errors].toSorted(),
  }));
  const byRoute = (a: { route: string | undefined }, b: { route: string | undefined }): number =>
    String(a.route) < String(b.route) ? -1 : 1;
  expect(documented.toSorted(byRoute)).toEqual(served.toSorted(byRoute));
});

it("[DOC-4] docs/http-api.md names every code, with its status", () => {
  const documented = [...document.matchAll(/^\| `(\w+)` \| (\d{3}) \|/gm)].map(([, code, status]) => [
    code,
    { status: Number(status) },
  ]);
  expect(Object.fromEntries(documented)).toMatchObject(
    Object.fromEntries(Object.entries(problems).map(([code, { status }]) => [code, { status }])),
  );
  expect(documented).toHaveLength(Object.keys(problems).length);
});
