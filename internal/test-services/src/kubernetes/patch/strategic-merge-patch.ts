import { isJsonObject, type JsonObject } from "./json.ts";

/** By what the items of these lists are told apart; `""` for lists of strings. Other lists are replaced. */
const mergeKeys: Readonly<Record<string, string>> = {
  conditions: "type",
  containers: "name",
  env: "name",
  finalizers: "",
  hostAliases: "ip",
  imagePullSecrets: "name",
  initContainers: "name",
  ownerReferences: "uid",
  ports: "containerPort",
  volumeMounts: "mountPath",
  volumes: "name",
};

/**
 * Applies a strategic merge patch to a Job or a Pod: a merge patch that merges the lists whose items have a key, with the
 * directives `$patch: delete`, `$patch: replace` and `$deleteFromPrimitiveList`.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply
 */
export function strategicMergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const { $patch: directive, ...fields } = patch;
  if (directive === "replace") return fields;
  const result: JsonObject = { ...target };
  for (const [key, value] of Object.entries(fields)) {
    const old = result[key];
    const listOfRemoved = /^\$deleteFromPrimitiveList\/(.+)$/.exec(key)?.[1];
    if (listOfRemoved !== undefined) result[listOfRemoved] = without(result[listOfRemoved], value);
    else if (key.startsWith("$setElementOrder/")) continue;
    else if (value === null || isDeletion(value)) delete result[key];
    else if (isJsonObject(value)) result[key] = strategicMergePatch(isJsonObject(old) ? old : {}, value);
    else if (Array.isArray(value)) result[key] = mergeLists(mergeKeys[key], Array.isArray(old) ? old : [], value);
    else result[key] = value;
  }
  return result;
}

function mergeLists(mergeKey: string | undefined, old: readonly unknown[], patch: readonly unknown[]): unknown[] {
  if (mergeKey === undefined) return [...patch];
  if (mergeKey === "") return [...new Set([...old, ...patch])];
  const replaced = patch.some(
    (item) => isJsonObject(item) && item["$patch"] === "replace" && item[mergeKey] === undefined,
  );
  const result = replaced ? [] : [...old];
  for (const item of patch.filter(isJsonObject)) {
    if (item[mergeKey] === undefined) continue;
    const at = result.findIndex((other) => isJsonObject(other) && other[mergeKey] === item[mergeKey]);
    const present = result[at];
    if (isDeletion(item)) result.splice(at, at === -1 ? 0 : 1);
    else if (isJsonObject(present)) result[at] = strategicMergePatch(present, item);
    else result.push(strategicMergePatch({}, item));
  }
  return result;
}

function isDeletion(value: unknown): boolean {
  return isJsonObject(value) && value["$patch"] === "delete";
}

function without(list: unknown, removed: unknown): unknown {
  if (!Array.isArray(list) || !Array.isArray(removed)) return list;
  return list.filter((item) => !removed.includes(item));
}
