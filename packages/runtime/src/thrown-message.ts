import { inspect } from "node:util";

/**
 * A sentence for whatever a handler threw: an error's message, a string as it is, else what it looks like. Never throws,
 * for what is thrown may be a proxy, or have a `message` that throws itself.
 */
export function thrownMessage(thrown: unknown): string {
  try {
    if (typeof thrown === "string") return thrown;
    // Asked for by its shape: an error of another realm is no instance of this one's Error.
    const message = (thrown as { readonly message?: unknown } | null | undefined)?.message;
    if (typeof message === "string" && message !== "") return message;
    if (thrown instanceof Error) return thrown.name;
    return inspect(thrown, { customInspect: false });
  } catch {
    return "something that cannot be described";
  }
}
