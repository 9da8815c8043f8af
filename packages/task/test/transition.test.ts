import { describe, expect, it } from "vitest";
import { liveStateSchema, stateSchema, transitions } from "../src/index.ts";

describe("transitions", () => {
  it("[TASK-5] leads from each live state to states that exist, and to done from each", () => {
    expect(Object.keys(transitions).sort()).toEqual([...liveStateSchema.options].sort());
    for (const from of liveStateSchema.options) {
      const reachable = Object.values(transitions[from]).flat();
      for (const to of reachable) expect(stateSchema.options).toContain(to);
      expect(reachable).toContain("done");
    }
  });

  it("[TASK-5] never leads back from aborting", () => {
    expect(new Set(Object.values(transitions.aborting).flat())).toEqual(new Set(["aborting", "done"]));
  });
});
