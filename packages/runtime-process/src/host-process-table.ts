import { procProcessTable } from "./proc-process-table.ts";
import { type ProcessTable, SharedProcessTable } from "./process-table.ts";
import { psProcessTable } from "./ps-process-table.ts";

/** The processes of this host. */
export function hostProcessTable(): ProcessTable {
  return new SharedProcessTable(process.platform === "linux" ? procProcessTable : psProcessTable);
}
