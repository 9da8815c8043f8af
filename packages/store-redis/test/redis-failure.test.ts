import { StoreError } from "@mayfly/store";
import { expect, it } from "vitest";
import { isTransient, toStoreError } from "../src/redis-failure.ts";

it("[REDIS-4] takes for passing what Redis answers while it cannot answer now", () => {
  const passing = ["TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN", "LOADING", "BUSY", "READONLY"];
  for (const name of passing) expect(isTransient(new Error(`${name} for some reason`))).toBe(true);
  const lasting = ["OOM", "NOSCRIPT", "WRONGTYPE", "ERR BUSY", "BUSYKEY Target key name already exists."];
  for (const name of lasting) expect(isTransient(new Error(name))).toBe(false);
});

it("[REDIS-2] says what a failure means to the caller, and keeps its cause", () => {
  const codes = {
    "OOM command not allowed": "full",
    "WRONGPASS invalid username-password pair": "incompatible",
    "NOPERM this user has no permissions": "incompatible",
    "WRONGTYPE Operation against a key": "incompatible",
    "ERR Error running script": "incompatible",
    "MISCONF Redis is configured to save RDB snapshots": "unavailable",
    "LOADING Redis is loading the dataset in memory": "unavailable",
    "The client is offline": "unavailable",
  };
  for (const [message, code] of Object.entries(codes)) {
    const cause = new Error(message);
    expect(toStoreError(cause, "schedule-task")).toMatchObject({ name: "StoreError", code, cause });
  }
  const already = new StoreError("closed", "It has been closed.");
  expect(toStoreError(already, "schedule-task")).toBe(already);
});
