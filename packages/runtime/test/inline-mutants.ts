import type { Task } from "@mayfly/task";
import {
  type Handler,
  type InlineHandle,
  InlineRuntime,
  type Result,
  type RunContext,
  RuntimeError,
} from "../src/index.ts";

type Handlers = Readonly<Record<string, Handler>>;

const complete: Result = { status: "complete" };

/** InlineRuntime with one fault each, named by what is wrong. */
export const inlineMutants: Readonly<Record<string, new (handlers: Handlers) => InlineRuntime>> = {
  "takes the work of another claim for its own": class extends InlineRuntime {
    override start(task: Task, run: RunContext): Promise<InlineHandle> {
      return super.start(task, { ...run, attempt: 1 });
    }
  },
  "has no kind": class extends InlineRuntime {
    override readonly kind = "" as never;
  },
  "takes failures for success": class extends InlineRuntime {
    override wait = async (handle: InlineHandle): Promise<Result> => {
      const result = await super.wait(handle);
      return result.status === "failed" && result.reason === "failed" ? complete : result;
    };
  },
  "drops what work returned": class extends InlineRuntime {
    override async wait(handle: InlineHandle): Promise<Result> {
      const result = await super.wait(handle);
      return result.status === "complete" ? complete : result;
    }
  },
  "drops why work failed": class extends InlineRuntime {
    override async wait(handle: InlineHandle): Promise<Result> {
      const result = await super.wait(handle);
      return result.status === "failed" && result.reason === "failed" ? { ...result, message: "failed" } : result;
    }
  },
  "takes a rejection for a failure": class extends InlineRuntime {
    override async wait(handle: InlineHandle): Promise<Result> {
      const result = await super.wait(handle);
      return result.status === "failed" && result.reason === "rejected" ? { ...result, reason: "failed" } : result;
    }
  },
  "throws what failed": class extends InlineRuntime {
    override async wait(handle: InlineHandle): Promise<Result> {
      const result = await super.wait(handle);
      if (result.status === "failed") throw new Error(result.message);
      return result;
    }
  },
  "tells the result once": class extends InlineRuntime {
    readonly #told = new Set<string>();
    override async wait(handle: InlineHandle): Promise<Result> {
      const result = await super.wait(handle);
      if (this.#told.has(handle.id)) return { status: "failed", reason: "runtime", message: "told already" };
      this.#told.add(handle.id);
      return result;
    }
  },
  "answers the last who waits only": class extends InlineRuntime {
    readonly #waiting = new Map<string, number>();
    override async wait(handle: InlineHandle): Promise<Result> {
      const turn = (this.#waiting.get(handle.id) ?? 0) + 1;
      this.#waiting.set(handle.id, turn);
      const result = await super.wait(handle);
      return this.#waiting.get(handle.id) === turn ? result : new Promise(() => undefined);
    }
  },
  "mixes up results": class extends InlineRuntime {
    #latest: InlineHandle | undefined;
    override async start(task: Task, run: RunContext): Promise<InlineHandle> {
      this.#latest = await super.start(task, run);
      return this.#latest;
    }
    override wait(handle: InlineHandle): Promise<Result> {
      return super.wait(this.#latest ?? handle);
    }
  },
  "throws when asked for a run that is absent": class extends InlineRuntime {
    override async wait(handle: InlineHandle): Promise<Result> {
      const result = await super.wait(handle);
      if (result.status === "failed" && result.reason === "runtime" && /not known/.test(result.message ?? ""))
        throw new Error(result.message);
      return result;
    }
  },
  "takes an absent run for complete": class extends InlineRuntime {
    override async wait(handle: InlineHandle): Promise<Result> {
      const result = await super.wait(handle);
      return result.status === "failed" && result.reason === "runtime" ? complete : result;
    }
  },
  "destroys nothing": class extends InlineRuntime {
    override destroy = (): Promise<void> => Promise.resolve();
  },
  "destroys once": class extends InlineRuntime {
    readonly #destroyed = new Set<string>();
    override async destroy(handle: InlineHandle): Promise<void> {
      if (this.#destroyed.has(handle.id)) throw new Error("destroyed already");
      this.#destroyed.add(handle.id);
      await super.destroy(handle);
    }
  },
  "does not stop": class extends InlineRuntime {
    override stop = (): Promise<void> => Promise.resolve();
  },
  "does not wait for the end of what it stops": class extends InlineRuntime {
    override async stop(handle: InlineHandle, options: { readonly graceMs: number }): Promise<void> {
      void super.stop(handle, options);
    }
  },
  "uses up the grace": class extends InlineRuntime {
    override async stop(handle: InlineHandle, options: { readonly graceMs: number }): Promise<void> {
      await super.stop(handle, options);
      if (options.graceMs > 1_000) await new Promise(() => undefined);
    }
  },
  "waits for ever for work that will not end": class extends InlineRuntime {
    override stop(handle: InlineHandle): Promise<void> {
      return super.stop(handle, { graceMs: 3_600_000 });
    }
  },
  "throws when work does not end within the grace": class extends InlineRuntime {
    override async stop(handle: InlineHandle, options: { readonly graceMs: number }): Promise<void> {
      await super.stop(handle, options);
      if (options.graceMs < 1_000) throw new Error("it did not end");
    }
  },
  "throws when it stops what has ended": class extends InlineRuntime {
    readonly #stopped = new Set<string>();
    override async stop(handle: InlineHandle, options: { readonly graceMs: number }): Promise<void> {
      if (this.#stopped.has(handle.id)) throw new Error("stopped already");
      await super.stop(handle, options);
      this.#stopped.add(handle.id);
    }
  },
  "lets a stop change how work ended": class extends InlineRuntime {
    readonly #stopped = new Set<string>();
    override async stop(handle: InlineHandle, options: { readonly graceMs: number }): Promise<void> {
      this.#stopped.add(handle.id);
      await super.stop(handle, options);
    }
    override async wait(handle: InlineHandle): Promise<Result> {
      const result = await super.wait(handle);
      return this.#stopped.has(handle.id) ? { status: "failed", reason: "runtime", message: "stopped" } : result;
    }
  },
  "takes stopped work for complete": class extends InlineRuntime {
    readonly #stopped = new Set<string>();
    override async stop(handle: InlineHandle, options: { readonly graceMs: number }): Promise<void> {
      this.#stopped.add(handle.id);
      await super.stop(handle, options);
    }
    override async wait(handle: InlineHandle): Promise<Result> {
      const result = await super.wait(handle);
      return this.#stopped.has(handle.id) ? complete : result;
    }
  },
  "stops the others too": class extends InlineRuntime {
    readonly #handles: InlineHandle[] = [];
    override async start(task: Task, run: RunContext): Promise<InlineHandle> {
      const handle = await super.start(task, run);
      this.#handles.push(handle);
      return handle;
    }
    override async stop(_handle: InlineHandle, options: { readonly graceMs: number }): Promise<void> {
      await Promise.all(this.#handles.map((handle) => super.stop(handle, options)));
    }
  },
  "misses a stop that comes early": class extends InlineRuntime {
    readonly #settled = new Set<string>();
    override async start(task: Task, run: RunContext): Promise<InlineHandle> {
      const handle = await super.start(task, run);
      setImmediate(() => setImmediate(() => this.#settled.add(handle.id)));
      return handle;
    }
    override async stop(handle: InlineHandle, options: { readonly graceMs: number }): Promise<void> {
      if (this.#settled.has(handle.id)) await super.stop(handle, options);
    }
  },
  "deafens work to the owner's signal and to stop after it": class extends InlineRuntime {
    readonly #runs = new Map<string, RunContext>();
    override start(task: Task, run: RunContext): Promise<InlineHandle> {
      this.#runs.set(task.id, run);
      return super.start(task, { ...run, signal: new AbortController().signal });
    }
    override async stop(handle: InlineHandle, options: { readonly graceMs: number }): Promise<void> {
      if (this.#runs.get(handle.id)?.signal.aborted !== true) await super.stop(handle, options);
    }
  },
  "rejects the wait when the owner's signal fires": class extends InlineRuntime {
    readonly #runs = new Map<string, RunContext>();
    override start(task: Task, run: RunContext): Promise<InlineHandle> {
      this.#runs.set(task.id, run);
      return super.start(task, run);
    }
    override async wait(handle: InlineHandle): Promise<Result> {
      const result = await super.wait(handle);
      this.#runs.get(handle.id)?.signal.throwIfAborted();
      return result;
    }
  },
  "names runs after the task alone": class extends InlineRuntime {
    override start(task: Task, run: RunContext): Promise<InlineHandle> {
      return super.start(task, { ...run, number: 1 });
    }
  },
  "starts again what exists": class extends InlineRuntime {
    override async start(task: Task, run: RunContext): Promise<InlineHandle> {
      await super.destroy({ version: 1, id: task.id, run: run.number, attempt: run.attempt });
      return super.start(task, run);
    }
  },
  "never starts again what was destroyed": class extends InlineRuntime {
    readonly #started = new Map<string, InlineHandle>();
    override async start(task: Task, run: RunContext): Promise<InlineHandle> {
      const name = `${task.id}/${run.number}`;
      const handle = this.#started.get(name) ?? (await super.start(task, run));
      this.#started.set(name, handle);
      return handle;
    }
  },
  "gives handles that JSON cannot say": class extends InlineRuntime {
    override async start(task: Task, run: RunContext): Promise<InlineHandle> {
      return { ...(await super.start(task, run)), startedAt: new Date() } as InlineHandle;
    }
  },
  "gives handles without a version": class extends InlineRuntime {
    override async start(task: Task, run: RunContext): Promise<InlineHandle> {
      const { version: _, ...rest } = await super.start(task, run);
      return rest as InlineHandle;
    }
  },
  "starts what it cannot run": class extends InlineRuntime {
    override async start(task: Task, run: RunContext): Promise<InlineHandle> {
      const handle: InlineHandle = { version: 1, id: task.id, run: run.number, attempt: run.attempt };
      return super.start(task, run).catch(() => handle);
    }
  },
  "refuses without saying that it is final": class extends InlineRuntime {
    override async start(task: Task, run: RunContext): Promise<InlineHandle> {
      return super.start(task, run).catch((error: unknown) => {
        throw new RuntimeError("runtime", "no", { cause: error });
      });
    }
  },
  "refuses with another error": class extends InlineRuntime {
    override async start(task: Task, run: RunContext): Promise<InlineHandle> {
      return super.start(task, run).catch(() => {
        throw new Error("no");
      });
    }
  },
  "looks for handlers in the prototype": class extends InlineRuntime {
    constructor(handlers: Handlers) {
      super({ ...handlers, constructor: () => undefined });
    }
  },
  "claims to outlive its process": class extends InlineRuntime {
    readonly scope = "here";
    async *list(): AsyncGenerator<never> {}
  },
};
