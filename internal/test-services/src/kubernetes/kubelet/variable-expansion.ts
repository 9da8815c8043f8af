/**
 * Puts the values of variables in the place of `$(NAME)`, as Kubernetes does in commands, arguments and values of
 * variables. `$$` stands for `$`, and a name without a value stays as it is.
 *
 * @see https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
export function expandVariables(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (found, name: string | undefined) =>
    name === undefined ? "$" : (values[name] ?? found),
  );
}
