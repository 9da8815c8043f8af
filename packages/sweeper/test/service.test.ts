import { InMemoryQueue, QueueError } from "@mayfly/queue";
import { silentLogger } from "@mayfly/service";
import { ManualClock } from "@mayfly/service/testing";
import { describeServiceContract, describeServiceFaults, type FaultTrial } from "@mayfly/service-contract";
import { InMemoryStore, StoreError } from "@mayfly/store";
import { DeadLetterConsumer } from "../src/dead-letter-consumer.ts";
import { Sweeper } from "../src/index.ts";

/** A service on a store and a broker that can be away. */
function trial(
  makeService: (ports: ConstructorParameters<typeof DeadLetterConsumer>[0]) => FaultTrial["service"],
): FaultTrial {
  const clock = new ManualClock();
  let isAway = false;
  const store = cuttable(
    new InMemoryStore({ clock, shards: 3 }),
    () => isAway && new StoreError("unavailable", "Away."),
  );
  const queue = cuttable(new InMemoryQueue({ clock }), () => isAway && new QueueError("unavailable", "Away."));
  const service = makeService({ store, queue, clock, logger: silentLogger });
  return {
    service,
    isIdle: () => clock.pendingTimers === 0,
    beginFault: () => void (isAway = true),
    endFault: () => void (isAway = false),
  };
}

/** `target`, all of whose methods fail while `failure` says how. */
function cuttable<T extends object>(target: T, failure: () => Error | false): T {
  return new Proxy(target, {
    get(_, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...given: unknown[]): unknown => {
        const error = failure();
        return error === false ? (member.apply(target, given) as unknown) : Promise.reject(error);
      };
    },
  });
}

const makeSweeper = (): FaultTrial => trial((ports) => new Sweeper(ports));
const makeDeadLetterConsumer = (): FaultTrial => trial((ports) => new DeadLetterConsumer(ports));

describeServiceContract("[SERV-1] Sweeper", makeSweeper);
describeServiceFaults("[SERV-4] Sweeper", makeSweeper);
describeServiceContract("[SERV-1] DeadLetterConsumer", makeDeadLetterConsumer);
describeServiceFaults("[SERV-4] DeadLetterConsumer", makeDeadLetterConsumer);
