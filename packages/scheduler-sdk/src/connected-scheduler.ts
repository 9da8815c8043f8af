import { Scheduler } from "./scheduler.ts";
import type { SchedulerOptions, StopOptions } from "./scheduler-options.ts";

/** A scheduler that closes its connections when it stops. */
export class ConnectedScheduler extends Scheduler {
  readonly #connections: Pick<SchedulerOptions, "store" | "queue">;

  constructor(options: SchedulerOptions) {
    super(options);
    this.#connections = options;
  }

  override async stop(options?: StopOptions): Promise<void> {
    await super.stop(options);
    await this.#connections.queue.close();
    await this.#connections.store.close();
  }
}
