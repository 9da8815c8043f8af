import { RuntimeError } from "@mayfly/runtime";
import type { Clock } from "@mayfly/service";
import { resultOf } from "./container-result.ts";
import type { DockerEngine } from "./docker-engine.ts";
import type { DockerHandle } from "./docker-handle.ts";
import { engineMessage, isPassing, statusOf } from "./engine-error.ts";

/** How long an engine that is away may hold up a stop, and how long a killed container may take to end, in milliseconds. */
const patienceMs = 30_000;

/**
 * Asks the work of a container to end (SIGTERM), kills it (SIGKILL) after `graceMs`, and resolves when it has ended. The
 * kernel ends all that a container has started with its first process.
 *
 * @throws RuntimeError `runtime` when the engine is away for longer than 30 s, or cannot end the container
 */
export async function stopContainer(
  engine: DockerEngine,
  handle: DockerHandle,
  { clock, graceMs }: { readonly clock: Clock; readonly graceMs: number },
): Promise<void> {
  try {
    const lastMs = clock.monotonicMs() + graceMs;
    if (!(await tell(engine, handle, "SIGTERM"))) return;
    if (await endsWithin(engine, handle, clock, lastMs - clock.monotonicMs())) return;
    if (!(await tell(engine, handle, "SIGKILL"))) return;
    if (await endsWithin(engine, handle, clock, patienceMs)) return;
  } catch (error) {
    throw new RuntimeError("runtime", `The container ${handle.name} could not be stopped: ${engineMessage(error)}`, {
      cause: error,
    });
  }
  throw new RuntimeError("runtime", `The container ${handle.name} runs on although it was killed.`);
}

/** Resolves with whether it runs and has been told. */
async function tell(engine: DockerEngine, handle: DockerHandle, signal: "SIGTERM" | "SIGKILL"): Promise<boolean> {
  return engine.persist(patienceMs, async () => {
    try {
      await engine.kill(handle.id, signal);
      return true;
    } catch (error) {
      if (statusOf(error) === undefined) throw error;
      // Not there, or not running. Some engines call a container that ends just now an error of their own.
      if (await hasEnded(engine, handle)) return false;
      throw error;
    }
  });
}

async function hasEnded(engine: DockerEngine, handle: DockerHandle): Promise<boolean> {
  try {
    return resultOf(handle.name, (await engine.inspect(handle.id)).State) !== undefined;
  } catch (error) {
    if (statusOf(error) === 404) return true;
    throw error;
  }
}

async function endsWithin(engine: DockerEngine, handle: DockerHandle, clock: Clock, limitMs: number): Promise<boolean> {
  const limit = new AbortController();
  const timer = clock.setTimer(limitMs, () => limit.abort());
  try {
    for (let attempt = 0; !limit.signal.aborted; attempt++) {
      try {
        await engine.untilEnded(handle.id, limit.signal);
        return true;
      } catch (error) {
        if (statusOf(error) === 404) return true;
        if (!isPassing(error)) throw error;
      }
      await engine.pause(attempt, limit.signal);
    }
    return false;
  } finally {
    timer.cancel();
  }
}
