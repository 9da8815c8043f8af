import { randomBytes } from "node:crypto";
import { StatusError } from "../status-error.ts";
import { kindOf, qualifiedName, type Resource } from "../store/resource-kind.ts";
import type { Verb } from "./verb.ts";

/**
 * A rule of a Role: what an account may do.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/rbac/#role-and-clusterrole
 */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  /** With subresources as in `pods/log`; `*` for all. */
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Only objects of these names; then nothing can be created or listed, but by name. */
  readonly resourceNames?: readonly string[] | undefined;
}

/** What a request wants to do. */
export interface Attempt {
  readonly verb: Verb;
  readonly resource: Resource;
  readonly subresource: string | undefined;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

interface Account {
  readonly user: string;
  readonly rules: readonly PolicyRule[];
}

/** The service accounts, by their bearer tokens, and what each may do. */
export class Access {
  readonly #namespace: string;
  readonly #accounts = new Map<string, Account>();

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  /** Makes an account that may do what these rules say in the namespace of the server, and nothing else; its token. */
  grant(name: string, rules: readonly PolicyRule[]): string {
    return this.#admit({ user: `system:serviceaccount:${this.#namespace}:${name}`, rules });
  }

  /** Gives the account of a token another one, which it returns; the old one is valid no more. */
  renew(token: string): string {
    const account = this.authenticate(`Bearer ${token}`);
    this.#accounts.delete(token);
    return this.#admit(account);
  }

  #admit(account: Account): string {
    const token = randomBytes(24).toString("base64url");
    this.#accounts.set(token, account);
    return token;
  }

  /** @throws `Unauthorized` */
  authenticate(authorization: string | undefined): Account {
    const account = this.#accounts.get(/^Bearer (.+)$/.exec(authorization ?? "")?.[1] ?? "");
    if (account === undefined) throw new StatusError(401, "Unauthorized", "Unauthorized");
    return account;
  }

  /** @throws `Forbidden` */
  authorize({ user, rules }: Account, attempt: Attempt): void {
    if (rules.some((rule) => allows(rule, attempt, this.#namespace))) return;
    const { verb, resource, subresource, namespace, name = "" } = attempt;
    const kind = kindOf(resource);
    const what = subresource === undefined ? resource : `${resource}/${subresource}`;
    const where = namespace ? ` in the namespace "${namespace}"` : " at the cluster scope";
    const why = `User "${user}" cannot ${verb} resource "${what}" in API group "${kind.group}"${where}`;
    if (name !== "") throw StatusError.forbidden(resource, name, why);
    throw new StatusError(403, "Forbidden", `${qualifiedName(kind)} is forbidden: ${why}`, {
      group: kind.group,
      kind: resource,
    });
  }
}

function allows(rule: PolicyRule, attempt: Attempt, home: string): boolean {
  const { verb, resource, subresource, name, namespace } = attempt;
  const isEverything = rule.apiGroups.includes("*") && rule.resources.includes("*");
  // A Role reaches its own namespace, also as an object; a cluster's administrator reaches all.
  const where = resource === "namespaces" ? name : namespace;
  if (!isEverything && where !== home) return false;
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  return (
    has(rule.apiGroups, kindOf(resource).group) &&
    has(rule.resources, what) &&
    has(rule.verbs, verb) &&
    (rule.resourceNames === undefined || (name !== undefined && rule.resourceNames.includes(name)))
  );
}

function has(list: readonly string[], value: string): boolean {
  return list.includes("*") || list.includes(value);
}
