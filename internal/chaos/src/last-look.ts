import type { Clock } from "@mayfly/service";
import { type ApiCaller, isDefinite } from "./api-caller.ts";
import { look } from "./load-driver.ts";

const pauseMs = 250;

/** Asks again and again until `condition` holds; resolves with whether it did within `limitMs` and before `signal`. */
export async function untilAll(
  condition: () => Promise<boolean>,
  options: { readonly clock: Clock; readonly signal: AbortSignal; readonly limitMs: number },
): Promise<boolean> {
  const { clock, signal, limitMs } = options;
  const endMs = clock.monotonicMs() + limitMs;
  while (!(await condition())) {
    if (signal.aborted || clock.monotonicMs() > endMs) return false;
    await clock.sleep(pauseMs, { signal });
  }
  return true;
}

/** How many looks are under way at a time, and how often one is repeated that is not answered. */
const looksAtOnce = 16;
const mostLooks = 3;

/** Looks at every task once more, when everything is over. */
export async function finalLooks(api: ApiCaller, ids: readonly string[], signal: AbortSignal): Promise<void> {
  const waiting = [...ids];
  const lookAtNext = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined && !signal.aborted; id = waiting.pop()) {
      const wanted = id;
      for (let looks = 0; looks < mostLooks; looks++) {
        if (isDefinite(await api.call("final", wanted, (client) => look(client, wanted)))) break;
      }
    }
  };
  await Promise.all(Array.from({ length: looksAtOnce }, lookAtNext));
}
