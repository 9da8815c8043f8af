import { Script } from "node:vm";

/** How long one try to match may take, in milliseconds; the event loop stands still meanwhile. */
const tryMs = 50;

/** How much of a processor all tries together may take, in milliseconds. */
const limitCpuMs = 3 * tryMs;

/**
 * Whether all of `value` matches the regular expression `pattern`, with the flag `u`. `undecided`: that took more than
 * 150 ms of a processor, as when a pattern has more ways to match than can be tried.
 *
 * @param cpuMs - reads how much of a processor this process has taken, in milliseconds
 */
export function matchPattern(pattern: string, value: string, cpuMs = readCpuMs): "matches" | "differs" | "undecided" {
  // Only a script can be given a time: V8 looks at it whenever an expression goes back to try another way.
  const test = `new RegExp(${JSON.stringify(`^(?:${pattern})$`)}, "u").test(${JSON.stringify(value)})`;
  const script = new Script(test);
  const startMs = cpuMs();
  // On a host that is busy, the time of a try can be over before it has got a processor: that says nothing.
  for (let tries = 1; tries <= 3 || cpuMs() - startMs < limitCpuMs; tries++) {
    const isMatch = run(script);
    if (isMatch !== undefined) return isMatch ? "matches" : "differs";
  }
  return "undecided";
}

/** Undefined when the time is over first. */
function run(script: Script): boolean | undefined {
  try {
    return script.runInThisContext({ timeout: tryMs }) === true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return undefined;
    throw error;
  }
}

function readCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
