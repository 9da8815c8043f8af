import { describe, expect, it } from "vitest";
import { defaultTimeout, instantSchema, schedulerNameSchema, taskSchema } from "../src/index.ts";
import { aTask } from "../src/testing.ts";

describe("taskSchema", () => {
  it("[TASK-1] takes the four members of a task and nothing else", () => {
    const task = aTask({ attributes: { list: [], big: 12_345_678_901_234_567_890n.toString() } });
    expect(taskSchema.parse(task)).toEqual(task);
    expect(taskSchema.safeParse({ ...task, extra: 1 }).success).toBe(false);
    for (const member of ["id", "attributes", "scheduler", "timeout"] as const) {
      const { [member]: _left, ...rest } = task;
      expect(taskSchema.safeParse(rest).success).toBe(false);
    }
  });

  it("[TASK-1] writes an id in lower case and refuses what is no UUID", () => {
    const id = "0F5C1C1E-6F3B-4C3C-9B5E-0A1B2C3D4E5F";
    expect(taskSchema.parse(aTask({ id })).id).toBe(id.toLowerCase());
    expect(taskSchema.safeParse(aTask({ id: "42" })).success).toBe(false);
  });

  it.each([[[]], [null], ["text"], [7]])("[TASK-1] refuses attributes that are no object: %j", (attributes) => {
    expect(taskSchema.safeParse({ ...aTask(), attributes }).success).toBe(false);
  });

  it("[TASK-3] names the path of what is too deep in the attributes", () => {
    const attributes: unknown = JSON.parse('{"a": {"__proto__": 1}}');
    const parsed = taskSchema.safeParse({ ...aTask(), attributes });
    expect(parsed.error?.issues[0]?.path).toEqual(["attributes", "a", "__proto__"]);
  });
});

describe("schedulerNameSchema", () => {
  it.each(["hello", "a", "7", "gpu-pool.eu_1", "a".repeat(63)])("[TASK-2] takes %s", (name) => {
    expect(schedulerNameSchema.safeParse(name).success).toBe(true);
  });

  it.each(["", "Hello", "-a", ".a", "a b", "a/b", "a".repeat(64), "amq.direct", "mayfly.dead", "é"])(
    "[TASK-2] refuses %j",
    (name) => {
      expect(schedulerNameSchema.safeParse(name).success).toBe(false);
    },
  );
});

describe("instantSchema", () => {
  it.each([
    ["2026-12-01T10:00:00Z", "2026-12-01T10:00:00.000Z"],
    ["2026-12-01T10:00:00.5+02:00", "2026-12-01T08:00:00.500Z"],
  ])("[TASK-4] reads %s as %s", (text, instant) => {
    expect(instantSchema.parse(text)).toBe(instant);
  });

  it.each(["2026-12-01T10:00:00", "2026-12-01", "tomorrow", "2026-02-30T10:00:00Z", "2026-12-01T10:00:00+25:00", 5])(
    "[TASK-4] refuses %j",
    (value) => {
      expect(instantSchema.safeParse(value).success).toBe(false);
    },
  );
});

describe("defaultTimeout", () => {
  it("[TASK-4] is so many hours after now", () => {
    expect(defaultTimeout({ hours: 6 })(Date.UTC(2026, 0, 1))).toBe("2026-01-01T06:00:00.000Z");
  });
});
