import { randomInt } from "node:crypto";

/** Kubernetes leaves out vowels and what looks like them, so that names spell nothing. */
const letters = "bcdfghjklmnpqrstvwxz2456789";

/** Five characters that make a name unique, as `generateName` appends them. */
export function randomSuffix(): string {
  return Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join("");
}
