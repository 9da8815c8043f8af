import type { Figure } from "./figure.ts";
import { Deployment, nowMs } from "./deployment.ts";
import { until } from "./until.ts";

/** What the scheduler logs after a block. */
const warning = "event loop blocked: run what computes without a pause in processes or in a pool of workers";

/**
 * A handler blocks the event loop of its scheduler for longer than a lease, while an idle second instance would take its
 * task if the lease ended.
 */
export async function blockedLoop(blockSeconds: number, leaseSeconds: number): Promise<readonly Figure[]> {
  await using deployment = await Deployment.start();
  await deployment.startTimeout();
  const env = { MAYFLY_LEASE_MS: String(leaseSeconds * 1_000) };
  const first = await deployment.startScheduler(env);
  const id = await deployment.schedule({ handler: "block", ms: blockSeconds * 1_000 });
  const startedAtMs = nowMs();
  await until(async () => (await deployment.view(id))?.state === "running", "the task runs");
  const second = await deployment.startScheduler(env);
  const view = await deployment.done(id);
  const tookMs = nowMs() - startedAtMs;
  await first.waitFor(warning);
  const warnings = [first, second].flatMap(({ logs }) => logs.filter(({ msg }) => msg === warning));
  const names = warnings.map((line) => JSON.stringify(line["tasks"]));
  return [
    { name: "attempts of the task", value: String(view.attempt), promised: "1" },
    { name: "outcome", value: String(view.outcome), promised: "complete" },
    { name: "scheduled to done", value: tookMs / 1_000, unit: "s" },
    { name: "warnings", value: String(warnings.length), promised: "1" },
    {
      name: "the warning names",
      value: names[0] === JSON.stringify([id]) ? "the task" : String(names[0]),
      promised: "the task",
    },
    { name: "blocked, as warned", value: Number(warnings[0]?.["blockedMs"]) / 1_000, unit: "s" },
  ];
}
