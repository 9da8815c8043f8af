import { RuntimeError } from "@mayfly/runtime";
import type { PodObject } from "./pod-object.ts";

/** What a node says of an image or a setting that does not get better by waiting (kubelet, "container state reasons"). */
const hopeless: ReadonlySet<string> = new Set([
  "ErrImagePull",
  "ImagePullBackOff",
  "ErrImageNeverPull",
  "ImageInspectError",
  "RegistryUnavailable",
  "SignatureValidationFailed",
  "CreateContainerConfigError",
  "CreateContainerError",
]);

/** Why the work of a pod will not begin; undefined while it may. */
export function startProblemOf({ container }: PodObject, image: string): RuntimeError | undefined {
  if (container.status !== "waiting") return undefined;
  const { reason, message } = container;
  const sentence = `The image ${image} cannot be run: ${reason}${message === "" ? "." : `: ${message}`}`;
  if (reason === "InvalidImageName") return new RuntimeError("rejected", sentence);
  return hopeless.has(reason) ? new RuntimeError("runtime", sentence) : undefined;
}

/** What the work of a pod waits for. */
export function delayOf({ container, unschedulable, name }: PodObject): string {
  if (unschedulable !== undefined) return `No node takes its pod. ${unschedulable}`;
  const reason = container.status === "waiting" && container.reason !== "" ? container.reason : "Pending";
  return `Its pod ${name} is not ready: ${reason}.`;
}

/** Whether the work of a pod has begun: it runs, has run, or has failed for good. */
export function hasBegun({ container, hasEnded }: PodObject): boolean {
  return hasEnded || container.status !== "waiting";
}
