import type { Granted, StoredHandle } from "@mayfly/store";

/** What finds work again and until when the log has what it says, from the line of a record that has both; absent: neither. */
export function readHandle(line: string): Pick<Granted, "handle" | "loggedAt"> {
  if (line === "") return {};
  const { loggedAt, ...handle } = JSON.parse(line) as StoredHandle & Pick<Granted, "loggedAt">;
  return { handle, ...(loggedAt !== undefined && { loggedAt }) };
}
