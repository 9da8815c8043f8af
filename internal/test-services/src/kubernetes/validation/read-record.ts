/**
 * Shows an object and remembers which of its fields were looked at. A validator that was generated from a schema looks at
 * each field that the schema has: what it has not looked at is unknown to it.
 */
export class ReadRecord {
  readonly proxy: object;
  readonly #branches: { readonly path: string; readonly target: object; readonly read: ReadonlySet<string> }[] = [];

  constructor(object: object) {
    this.proxy = this.#watch(object, "");
  }

  /** The fields that nobody has looked at, as `spec.containers[0].name`; nothing below them. */
  unread(): readonly string[] {
    return this.#branches.flatMap(({ path, target, read }) =>
      Array.isArray(target)
        ? []
        : Object.keys(target)
            .filter((key) => !read.has(key))
            .map((key) => join(path, key)),
    );
  }

  #watch(target: object, path: string): object {
    const read = new Set<string>();
    const children = new Map<string, object>();
    this.#branches.push({ path, target, read });
    return new Proxy(target, {
      get: (_target, key): unknown => {
        const value: unknown = Reflect.get(target, key);
        if (typeof key !== "string") return value;
        read.add(key);
        if (typeof value !== "object" || value === null) return value;
        const child =
          children.get(key) ?? this.#watch(value, Array.isArray(target) ? `${path}[${key}]` : join(path, key));
        children.set(key, child);
        return child;
      },
    });
  }
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
