import { afterAll, beforeAll } from "vitest";
import { LeakCheck } from "./leak-check.ts";

/** Runs around each test file: fails a file that leaves sockets, servers, timers or child processes behind. */
const check = new LeakCheck();

beforeAll(async () => await check.begin());
afterAll(async () => await check.end());
