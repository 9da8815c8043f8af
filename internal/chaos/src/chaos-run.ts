import { silentLogger, systemClock } from "@mayfly/service";
import { RedisStore } from "@mayfly/store-redis";
import { ApiCaller } from "./api-caller.ts";
import { argumentsOf, type ChaosOptions } from "./chaos-options.ts";
import { checkHistory } from "./check/check-history.ts";
import { type Cluster, shards, startCluster, vhost } from "./cluster.ts";
import { processNames } from "./deployment.ts";
import { EventRecorder } from "./event-recorder.ts";
import { FaultInjector } from "./fault-injector.ts";
import { planFaults } from "./fault-plan.ts";
import { injectAll } from "./fault-schedule.ts";
import { HistoryRecorder } from "./history-recorder.ts";
import { finalLooks, untilAll } from "./last-look.ts";
import { LoadDriver } from "./load-driver.ts";
import { recoveryTimes } from "./recovery-times.ts";
import { summarize } from "./summary.ts";
import { planTasks } from "./task-plan.ts";
import type { Teardown } from "./teardown.ts";

/** What a run works with. */
export interface ChaosRunOptions {
  readonly options: ChaosOptions;
  /** Where the history goes. */
  readonly folder: string;
  readonly teardown: Teardown;
  readonly report: (line: string) => void;
  /** Ends the run early. */
  readonly signal: AbortSignal;
}

const clock = systemClock;
const progressMs = 5_000;
/** How long all processes may take to be ready, at first and after the last fault, in milliseconds. */
const readyLimitMs = 60_000;
/** How long the last tasks may take to end once the last fault is over, in milliseconds. */
const endLimitMs = 90_000;
/** How long a fault takes on average before the next one may begin, in milliseconds: over this time tasks are posted. */
const faultMs = 3_300;
/** How many tasks are posted a second when there are no faults. */
const calmRate = 60;
/** How long the run is left in peace at first, in milliseconds, so that something is measured without faults too. */
const calmMs = 8_000;
const faultsAtOnce = 3;
const tasksAtOnce = 300;

/** Runs all of it and prints what it has come to; resolves with whether nothing was wrong. */
export async function runChaos({ options, folder, teardown, report, signal }: ChaosRunOptions): Promise<boolean> {
  const history = await HistoryRecorder.begin(folder);
  const failures: string[] = [];
  const fail = (detail: string): void => {
    failures.push(detail);
    report(`chaos: ${detail}`);
  };
  report(`chaos: ${argumentsOf(options)}, history in ${folder}`);
  const cluster = await startCluster({
    logs: history.logs,
    journals: history.journals,
    onExit: (exit) => history.tell("exits", exit),
    owns: (name, end) => teardown.add(name, end),
  });
  const store = new RedisStore({ url: cluster.redis.url, prefix: vhost, shards, callTimeoutMs: 5_000 });
  teardown.add("event reader", () => store.close());
  await store.open();
  const events = new EventRecorder({
    store,
    clock,
    logger: silentLogger,
    onEvent: (event) => history.tell("events", event),
    onGap: (message) => history.tell("eventGaps", message),
  });
  if (!(await allReady(cluster, signal))) throw new Error("Not every process was ready at the start.");
  events.start();

  const api = new ApiCaller(apisOf(cluster), (answer) => history.tell("answers", answer));
  const driver = new LoadDriver({
    api,
    clock,
    signal,
    atOnce: tasksAtOnce,
    onTask: (task) => history.tell("tasks", task),
  });
  const injector = new FaultInjector({
    cluster,
    clock,
    onFault: (span) => history.tell("faults", span),
    onFailure: fail,
  });
  const beganMs = clock.monotonicMs();
  const tell = (): void => {
    const seconds = Math.round((clock.monotonicMs() - beganMs) / 1_000);
    const now = injector.current.length === 0 ? "calm" : injector.current.join(", ");
    const counts = `${driver.posted} posted, ${driver.accepted.size} accepted, ${events.endedCount} done`;
    report(`chaos: ${seconds} s, ${counts}, ${history.count("faults")}/${options.faults} faults; ${now}`);
  };
  const progress = setInterval(tell, progressMs);
  teardown.add("progress", async () => clearInterval(progress));

  const faults = planFaults(options.seed, options.faults, options);
  const loadMs = Math.max(calmMs + faults.length * faultMs, (options.tasks / calmRate) * 1_000);
  const strike = async (): Promise<void> => {
    await clock.sleep(calmMs, { signal });
    await injectAll(faults, { clock, signal, atOnce: faultsAtOnce, inject: (fault) => injector.inject(fault) });
  };
  await Promise.all([driver.run(planTasks(options.seed, options.tasks), loadMs), strike()]);
  if (!(await allReady(cluster, signal))) fail("not every process was ready again after the last fault");
  const hasEnded = (): boolean => [...driver.accepted].every((id) => events.hasEnded(id));
  await untilAll(async () => hasEnded(), { clock, signal, limitMs: endLimitMs });
  await finalLooks(api, [...driver.accepted], signal);
  await events.stop();
  clearInterval(progress);
  tell();
  await teardown.run();
  await history.close();

  const all = await history.read();
  const violations = [...checkHistory(all), ...failures.map((detail) => ({ rule: "brokenProcess", detail }) as const)];
  for (const line of summarize(all, violations, recoveryTimes(all))) report(line);
  return violations.length === 0 && !signal.aborted;
}

function apisOf(cluster: Cluster): ReadonlyMap<string, string> {
  return new Map(
    processNames("api").map((name) => [name, `http://127.0.0.1:${cluster.replicas.get(name)?.port ?? 0}`]),
  );
}

async function allReady(cluster: Cluster, signal: AbortSignal): Promise<boolean> {
  const replicas = [...cluster.replicas.values()];
  const areReady = async (): Promise<boolean> =>
    (await Promise.all(replicas.map((replica) => replica.isReady()))).every(Boolean);
  return await untilAll(areReady, { clock, signal, limitMs: readyLimitMs });
}
