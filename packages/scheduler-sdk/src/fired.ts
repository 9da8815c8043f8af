/** Resolves with undefined when `signal` fires. For signals that live as long as one run: its listener stays until then. */
export function fired(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}
