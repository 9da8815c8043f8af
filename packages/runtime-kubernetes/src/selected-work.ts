import { selectNamed } from "@mayfly/runtime";
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
  const image = selectNamed("image", attributes["image"], spec.images);
  return { image, command: selectNamed("command", attributes["command"], image.commands) };
}
