import { z } from "zod";
import { matchPattern } from "./match-pattern.ts";

const text = z.string().regex(/^[^\0]*$/, "must not contain a NUL");
const word = text.min(1);
const absolutePath = word.regex(/^\//, "must be an absolute path");

/** Names of environment variables; those of the runtime itself cannot be set. */
const variableName = z.string().regex(/^(?!MAYFLY_)[A-Za-z_][A-Za-z0-9_]*$/, "is no name that a variable may have");

const name = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/, "must be 1 to 63 letters, digits, _ and -");

const parameterSchema = z
  .strictObject({
    /**
     * What all of a value must match: a regular expression of JavaScript, with the flag `u`. A value that takes more
     * than 150 ms of a processor to match is not allowed.
     */
    pattern: z.string().refine(isPattern, "is no regular expression"),
    /** Taken when a task gives no value. Without it, a task must give one. */
    default: text.optional(),
  })
  .superRefine(({ pattern, default: value }, context) => {
    if (value === undefined || !isPattern(pattern)) return;
    const match = matchPattern(pattern, value);
    if (match === "matches") return;
    const message = match === "differs" ? "does not match the pattern" : "takes too long to match";
    context.addIssue({ code: "custom", message, path: ["default"] });
  });

const commandSchema = z
  .strictObject({
    /** The program, looked up in PATH if it has no slash, and its arguments. `{parameter}` stands for a value. */
    argv: z.tuple([word], text),
    /** What tasks may fill in, by name. */
    parameters: z.record(name, parameterSchema).default({}),
    /** Added to PATH, HOME and LANG, which it may replace. */
    env: z.record(variableName, text).default({}),
    /** The working directory. Without it: the run's private folder. */
    cwd: absolutePath.optional(),
    /** How many bytes of output become lines of the task's log; what comes after them is counted as one line. */
    maxLogBytes: z
      .int()
      .min(0)
      .default(2 ** 20),
    /** How many bytes of a line are kept. */
    maxLogLineBytes: z.int().min(16).max(8_192).default(8_192),
    /** The data that each process of the run may allocate, in MiB (`ulimit -d`; Linux). */
    maxMemoryMb: z.int().min(1).optional(),
    /** The exit codes that mean: this task cannot run here, do not try again. 64 is EX_USAGE of sysexits.h. */
    rejectExitCodes: z.array(z.int().min(1).max(255)).default([64]),
  })
  .superRefine(({ argv: [program, ...rest], parameters }, context) => {
    for (const parameter of Object.keys(parameters)) {
      const isUsed = rest.some((argument) => argument.includes(`{${parameter}}`));
      const message = program.includes(`{${parameter}}`) ? "must not choose the program" : "is not used in argv";
      if (!isUsed || program.includes(`{${parameter}}`))
        context.addIssue({ code: "custom", message, path: ["parameters", parameter] });
    }
  });

/** What a {@link ProcessSpec} is checked with; an operator's file, parsed from JSON. */
export const processSpecSchema = z.strictObject({
  /** What tasks may run, by the name that they give in the attribute `command`. */
  commands: z
    .record(name, commandSchema)
    .refine((commands) => Object.keys(commands).length > 0, "must have at least one command"),
});

/** Which commands a {@link ProcessRuntime} runs, with every default filled in. */
export interface ProcessSpec extends z.output<typeof processSpecSchema> {}

/** The same as its author writes it: defaults may be left out. */
export interface ProcessSpecInput extends z.input<typeof processSpecSchema> {}

/** One of a {@link ProcessSpec}'s commands. */
export type ProcessCommand = ProcessSpec["commands"][string];

function isPattern(pattern: string): boolean {
  try {
    // By itself: one that closes a bracket of ours would match more than it says.
    return new RegExp(pattern, "u") instanceof RegExp;
  } catch {
    return false;
  }
}
