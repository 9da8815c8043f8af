import { systemClock } from "@mayfly/service";
import type { Task } from "@mayfly/task";
import { type Health, type Owned, type Result, type RunContext, RuntimeError } from "../src/index.ts";
import type { RemoteEnvironment } from "./remote-environment.ts";
import { type RemoteHandle, RemoteRuntime } from "./remote-runtime.ts";

/** RemoteRuntime with one fault each in an optional ability, named by what is wrong. */
export const remoteMutants: Readonly<Record<string, new (environment: RemoteEnvironment) => RemoteRuntime>> = {
  "leaves behind what it could not start": class extends RemoteRuntime {
    override async start(task: Task, run: RunContext): Promise<RemoteHandle> {
      if (task.attributes["does"] !== "broken") return super.start(task, run);
      this.environment.create(`task-${task.id}-${run.number}`, task, run.number);
      throw new RuntimeError("runtime", "The image is missing.");
    }
  },
  "leaves behind what it has destroyed": class extends RemoteRuntime {
    override async destroy(handle: RemoteHandle): Promise<void> {
      const job = this.find(handle);
      await super.destroy(handle);
      if (job !== undefined) this.environment.jobs.set(handle.name, job);
    }
  },
  "never uses force": class extends RemoteRuntime {
    override async stop(handle: RemoteHandle): Promise<void> {
      this.find(handle)?.ask();
    }
  },
  "takes away what it stops": class extends RemoteRuntime {
    override async stop(handle: RemoteHandle): Promise<void> {
      this.find(handle)?.ask();
      this.environment.jobs.delete(handle.name);
    }
  },
  "stops work because the owner's signal has fired": class extends RemoteRuntime {
    override async start(task: Task, run: RunContext): Promise<RemoteHandle> {
      const handle = await super.start(task, run);
      run.signal.addEventListener("abort", () => this.find(handle)?.ask(), { once: true });
      return handle;
    }
  },
  "has no deadline": class extends RemoteRuntime {
    override start(task: Task, run: RunContext): Promise<RemoteHandle> {
      return super.start(task, { ...run, deadline: run.deadline + 3_600_000 });
    }
  },
  "chokes on big output": class extends RemoteRuntime {
    override async wait(handle: RemoteHandle): Promise<Result> {
      const isBig = Number(this.find(handle)?.task.attributes["bytes"] ?? 0) > 2 ** 20;
      return isBig ? { status: "failed", reason: "runtime", message: "maxBuffer exceeded" } : super.wait(handle);
    }
  },
  "ends work whose streams break": class extends RemoteRuntime {
    override async start(task: Task, run: RunContext): Promise<RemoteHandle> {
      const handle = await super.start(task, run);
      this.environment.follow(() => this.find(handle)?.ask());
      return handle;
    }
  },
  "looks for the name before it creates": class extends RemoteRuntime {
    override async start(task: Task, run: RunContext): Promise<RemoteHandle> {
      const name = `task-${task.id}-${run.number}`;
      if (this.environment.jobs.has(name)) return super.start(task, run);
      await systemClock.sleep(0);
      this.environment.create(name, task, run.number);
      return super.start(task, run);
    }
  },
  "lets work begin although its owner was told to stop, and says that it failed": class extends RemoteRuntime {
    override async start(task: Task, run: RunContext): Promise<RemoteHandle> {
      await systemClock.sleep(0);
      const handle = await super.start(task, run);
      if (run.signal.aborted) throw new RuntimeError("runtime", "It was told to stop.");
      return handle;
    }
  },
  "starts work again for the claim that comes next": class extends RemoteRuntime {
    override start(task: Task, run: RunContext): Promise<RemoteHandle> {
      return super.start(task, { ...run, number: run.number * 1_000 + run.attempt });
    }
    override async *list(): AsyncGenerator<Owned<RemoteHandle>> {
      for await (const owned of super.list()) yield { ...owned, run: Math.floor(owned.run / 1_000) };
    }
  },
  "knows only what it has started itself": class extends RemoteRuntime {
    readonly #started = new Set<string>();
    override async start(task: Task, run: RunContext): Promise<RemoteHandle> {
      const handle = await super.start(task, run);
      this.#started.add(handle.name);
      return handle;
    }
    override async wait(handle: RemoteHandle): Promise<Result> {
      const lost: Result = { status: "failed", reason: "runtime", message: "not known" };
      return this.#started.has(handle.name) ? super.wait(handle) : lost;
    }
  },
  "cannot stop what another has started": class extends RemoteRuntime {
    readonly #started = new Set<string>();
    override async start(task: Task, run: RunContext): Promise<RemoteHandle> {
      const handle = await super.start(task, run);
      this.#started.add(handle.name);
      return handle;
    }
    override async stop(handle: RemoteHandle, options: { readonly graceMs: number }): Promise<void> {
      if (this.#started.has(handle.name)) await super.stop(handle, options);
    }
  },
  "starts again after a restart what exists": class extends RemoteRuntime {
    readonly #started = new Set<string>();
    override async start(task: Task, run: RunContext): Promise<RemoteHandle> {
      const name = `task-${task.id}-${run.number}`;
      if (!this.#started.has(name)) this.environment.jobs.delete(name);
      this.#started.add(name);
      return super.start(task, run);
    }
  },
  "lists only what runs": class extends RemoteRuntime {
    override async *list(): AsyncGenerator<Owned<RemoteHandle>> {
      for await (const owned of super.list()) if (this.find(owned.handle)?.isRunning === true) yield owned;
    }
  },
  "lists handles that are not those of the runs": class extends RemoteRuntime {
    override async *list(): AsyncGenerator<Owned<RemoteHandle>> {
      for await (const owned of super.list()) yield { ...owned, handle: { version: 1, name: owned.taskId } };
    }
  },
  "lists the runs of every task as the first": class extends RemoteRuntime {
    override async *list(): AsyncGenerator<Owned<RemoteHandle>> {
      for await (const owned of super.list()) yield { ...owned, run: 1 };
    }
  },
  "lists runs without their scheduler": class extends RemoteRuntime {
    override async *list(): AsyncGenerator<Owned<RemoteHandle>> {
      for await (const owned of super.list()) yield { ...owned, scheduler: "" };
    }
  },
  "lists runs twice": class extends RemoteRuntime {
    override async *list(): AsyncGenerator<Owned<RemoteHandle>> {
      yield* super.list();
      yield* super.list();
    }
  },
  "is never healthy": class extends RemoteRuntime {
    override async health(): Promise<Health> {
      return { status: "unhealthy", message: "no daemon" };
    }
  },
};
