import type { JsonValue } from "@mayfly/task";
import { RuntimeError } from "./runtime-error.ts";

/** How much of a name that is not known is repeated in the message, in UTF-16 units. */
const longestName = 100;

/**
 * Looks up what an attribute of a task names among the choices that a spec permits, so that tasks choose and never define.
 * An attribute that is not there stands for the only choice, if there is just one.
 *
 * ```ts
 * const image = selectNamed("image", task.attributes["image"], spec.images);
 * ```
 *
 * @param what - what is chosen, as the message calls it
 * @throws RuntimeError `rejected` when there is none of that name, or when nothing is named and there are several
 */
export function selectNamed<Choice>(
  what: string,
  name: JsonValue | undefined,
  choices: Readonly<Record<string, Choice>>,
): Choice {
  const known = new Map(Object.entries(choices));
  const [only] = known.values();
  if (name === undefined && known.size === 1 && only !== undefined) return only;
  const choice = typeof name === "string" ? known.get(name) : undefined;
  if (choice !== undefined) return choice;
  const fault =
    typeof name === "string"
      ? `There is no ${what} named ${JSON.stringify(name.slice(0, longestName))}`
      : `The task names no ${what}`;
  throw new RuntimeError("rejected", `${fault}. Known ones: ${[...known.keys()].sort().join(", ")}.`);
}
