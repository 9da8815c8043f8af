import { type LiveState, type Operation, type State, transitions } from "@mayfly/task";
import { expect, test } from "vitest";
import { moves } from "../src/contract/transition-cases.ts";

type Row = readonly (readonly [string, string, string])[];

test("[STORE-35] the contract follows each transition of the table, and no other", () => {
  const table: Row = Object.entries(transitions).flatMap(([from, operations]) =>
    Object.entries(operations).flatMap(([operation, states]) => states.map((to) => [from, operation, to] as const)),
  );
  const followed: Row = Object.values(moves).flatMap((states) =>
    (Object.entries(states) as [LiveState, Partial<Record<Operation, State>>][]).flatMap(([from, operations]) =>
      Object.entries(operations).map(([operation, to]) => [from, operation, to] as const),
    ),
  );
  const unique = (rows: Row): string[] => [...new Set(rows.map((row) => row.join(" ")))].sort();
  expect(unique(followed)).toEqual(unique(table));
});
