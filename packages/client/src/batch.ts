import { maxBatchBytes, maxBatchTasks, type ScheduleBody } from "@mayfly/http-contract";

/** Room for what stands around the tasks of a batch. */
const envelopeBytes = 100;

/** Divides tasks into batches as large as the API takes, in order. */
export function* batchesOf(
  tasks: Iterable<ScheduleBody>,
  limits: { readonly maxTasks: number; readonly maxBytes: number } = {
    maxTasks: maxBatchTasks,
    maxBytes: maxBatchBytes,
  },
): Generator<readonly ScheduleBody[]> {
  const encoder = new TextEncoder();
  let batch: ScheduleBody[] = [];
  let bytes = envelopeBytes;
  for (const task of tasks) {
    const taskBytes = encoder.encode(JSON.stringify(task)).length + 1;
    if (batch.length === limits.maxTasks || (batch.length > 0 && bytes + taskBytes > limits.maxBytes)) {
      yield batch;
      batch = [];
      bytes = envelopeBytes;
    }
    batch.push(task);
    bytes += taskBytes;
  }
  if (batch.length > 0) yield batch;
}
