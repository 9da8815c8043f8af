import { expect, it } from "vitest";
import { argumentsOf, parseOptions } from "../src/chaos-options.ts";
import { faultKinds } from "../src/fault-plan.ts";

it("reads what is asked for, and gives the arguments that repeat it", () => {
  const options = parseOptions(["--tasks", "300", "--faults", "6", "--seed", "9", "--only", "kill-redis", "--keep"]);
  expect(options).toMatchObject({ tasks: 300, faults: 6, seed: 9, keep: true, only: ["kill-redis"] });
  expect(parseOptions(argumentsOf(options).split(" "))).toEqual({ ...options, keep: false });
  expect(parseOptions([])).toMatchObject({ tasks: 5_000, faults: 32, seed: 1, keep: false, only: faultKinds });
  expect(parseOptions(["--deadline-s", "5"]).deadlineS).toBe(5);
});

it("refuses what makes no sense", () => {
  expect(() => parseOptions(["--tasks", "0"])).toThrow("--tasks must be a whole number of at least 1, not 0.");
  expect(() => parseOptions(["--faults", "many"])).toThrow("--faults must be");
  expect(() => parseOptions(["--only", "rain"])).toThrow("There is no fault rain");
  expect(() => parseOptions(["--speed", "9"])).toThrow("--speed");
});
