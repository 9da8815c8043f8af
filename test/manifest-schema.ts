/** An object of a manifest, as far as every kind has the same members. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/**
 * What is wrong with an object by the OpenAPI schema of Kubernetes. Fields that the schema does not know are wrong, too: a
 * cluster drops them with no more than a warning.
 */
export async function schemaProblems(manifest: Manifest): Promise<readonly string[]> {
  const { apiVersion, kind, metadata } = manifest;
  const path = ["kubernetes-models", apiVersion, kind].join("/");
  const module = (await import(path)) as Readonly<Record<string, unknown>>;
  const { prototype } = module[kind] as { readonly prototype: { readonly validate: () => void } };
  const seen = new Set<string>();
  const name = `${kind} ${metadata.name}`;
  try {
    Reflect.apply(prototype.validate, noting(manifest, "", seen), []);
  } catch (error) {
    return [`${name}: ${error instanceof Error ? error.message : String(error)}`];
  }
  return fieldsOf(manifest, "")
    .filter((field) => !seen.has(field))
    .map((field) => `${name}: unknown field ${field.slice(1)}`);
}

/** The same object; the paths of the members that are looked at go into `seen`. A validator looks at those that it knows. */
function noting(target: object, path: string, seen: Set<string>): object {
  return new Proxy(target, {
    get(_target, key): unknown {
      const value: unknown = Reflect.get(target, key);
      if (typeof key !== "string") return value;
      seen.add(`${path}.${key}`);
      return typeof value === "object" && value !== null ? noting(value, `${path}.${key}`, seen) : value;
    },
  });
}

function fieldsOf(value: unknown, path: string): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [`${path}.${key}`, ...fieldsOf(inner, `${path}.${key}`)]);
}
