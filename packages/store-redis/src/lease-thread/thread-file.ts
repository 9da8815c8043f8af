import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What a thread runs. */
interface ThreadFile {
  readonly file: URL;
  /** Whether it is the built file that stands in for its source. */
  readonly isBuilt: boolean;
}

/**
 * The module of the thread. Beside a source stands a source, which a thread of Node cannot load: tests, which run from
 * sources, get the built file.
 *
 * @param beside - the address of this module
 * @throws Error when there is none
 */
export function findThreadFile(beside: string = import.meta.url): ThreadFile {
  const isSource = beside.endsWith(".ts");
  const file = isSource
    ? new URL("../../dist/lease-thread/lease-worker.js", beside)
    : new URL("./lease-worker.js", beside);
  if (existsSync(file)) return { file, isBuilt: isSource };
  const path = fileURLToPath(file);
  throw new Error(
    isSource
      ? `The thread that renews leases is not built (${path}): run "npm run build".`
      : `The installation of @mayfly/store-redis is incomplete: there is no ${path}.`,
  );
}
