import { StatusError } from "../status-error.ts";

/** Whether an object with these labels is meant. */
export type LabelSelector = (labels: Readonly<Record<string, string>>) => boolean;

const key = "[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?";
const setBased = new RegExp(`^(${key})\\s+(in|notin)\\s+\\(([^()]*)\\)$`);
const equality = new RegExp(`^(${key})\\s*(=|==|!=)\\s*([-A-Za-z0-9_.]*)$`);
const existence = new RegExp(`^(!?)\\s*(${key})$`);

/**
 * Reads a `labelSelector`, such as `app=mayfly,tier in (a, b),!old`.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 * @throws `BadRequest` when it is none.
 */
export function parseLabelSelector(text: string): LabelSelector {
  const requirements = splitOutsideParentheses(text).map(parseRequirement);
  return (labels) => requirements.every((holds) => holds(labels));
}

function parseRequirement(text: string): LabelSelector {
  const [, setKey = "", setOperator, list = ""] = setBased.exec(text) ?? [];
  if (setOperator !== undefined) {
    const values = list.split(",").map((value) => value.trim());
    // Without the label, `notin` holds and `in` does not.
    return (labels) => values.includes(labels[setKey] ?? "\0") === (setOperator === "in");
  }
  const [, name = "", operator, value] = equality.exec(text) ?? [];
  if (operator !== undefined) return (labels) => (labels[name] === value) === (operator !== "!=");
  const [, not, label] = existence.exec(text) ?? [];
  if (label !== undefined) return (labels) => (labels[label] !== undefined) === (not === "");
  throw StatusError.badRequest(`unable to parse requirement: ${text}`);
}

function splitOutsideParentheses(text: string): readonly string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
