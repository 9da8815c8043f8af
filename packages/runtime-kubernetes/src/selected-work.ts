import { RuntimeError } from "@mayfly/runtime";
import type { Task } from "@mayfly/task";
import type { KubernetesImageSpec, KubernetesSpec } from "./kubernetes-spec.ts";

/** What a task has chosen of the spec. */
export interface SelectedWork {
  readonly image: KubernetesImageSpec;
  readonly command: readonly string[];
}

/**
 * Looks up the image and the command that the attributes `image` and `command` name.
 *
 * @throws RuntimeError `rejected` when there is none of that name, or when nothing is named and there are several
 */
export function selectWork(spec: KubernetesSpec, { attributes }: Task): SelectedWork {
  const image = chosen("image", attributes["image"], spec.images);
  return { image, command: chosen("command", attributes["command"], image.commands) };
}

function chosen<Choice>(what: string, name: unknown, choices: Readonly<Record<string, Choice>>): Choice {
  const known = new Map(Object.entries(choices));
  const [only] = known.values();
  if (name === undefined && known.size === 1 && only !== undefined) return only;
  const choice = typeof name === "string" ? known.get(name) : undefined;
  if (choice !== undefined) return choice;
  const fault =
    typeof name === "string"
      ? `There is no ${what} named ${JSON.stringify(name.slice(0, 100))}`
      : `The task names no ${what}`;
  throw new RuntimeError("rejected", `${fault}. Known ones: ${[...known.keys()].sort().join(", ")}.`);
}
