import { KubeConfig } from "@kubernetes/client-node";

/** How a cluster is reached: a kubeconfig, as a file or as its text, and which of its contexts. */
export type ClusterAccess = (
  | { /** The path of a kubeconfig. */ readonly file: string }
  | { /** The YAML or JSON of a kubeconfig. */ readonly text: string }
) & {
  /** @defaultValue the kubeconfig's current context */
  readonly context?: string | undefined;
};

/** What is known of a cluster and of who asks it, and of nothing that may change while a process runs. */
export interface LoadedAccess {
  readonly kubeConfig: KubeConfig;
  /** Where the API server is. */
  readonly server: string;
  /** The namespace that the kubeconfig or the service account has. */
  readonly namespace: string;
}

/**
 * Reads a kubeconfig; without one, the service account of the pod that this process runs in.
 *
 * @throws Error when there is none that can be read, when it names no cluster, or one without TLS that it does not allow
 */
export function loadAccess(access: ClusterAccess | undefined): LoadedAccess {
  const kubeConfig = readAccess(access);
  if (access?.context !== undefined) kubeConfig.setCurrentContext(access.context);
  const context = kubeConfig.getContextObject(kubeConfig.getCurrentContext());
  const cluster = kubeConfig.getCurrentCluster();
  const server = cluster?.server;
  if (server === undefined || !URL.canParse(server))
    throw new Error(
      access === undefined
        ? "This process runs in no pod that has a service account, and no kubeconfig is given."
        : "The kubeconfig has no such context, or no cluster for it.",
    );
  if (new URL(server).protocol === "http:" && cluster?.skipTLSVerify !== true)
    throw new Error("The API server is asked without TLS only if the kubeconfig says insecure-skip-tls-verify: true.");
  return { kubeConfig, server, namespace: context?.namespace ?? "default" };
}

function readAccess(access: ClusterAccess | undefined): KubeConfig {
  const kubeConfig = new KubeConfig();
  try {
    if (access === undefined) kubeConfig.loadFromCluster();
    else if ("file" in access) kubeConfig.loadFromFile(access.file);
    else kubeConfig.loadFromString(access.text);
    return kubeConfig;
  } catch (error) {
    // The message of the parser of YAML shows the lines around the fault, and with them credentials.
    if (!isYamlFault(error)) throw error;
    const line = error.mark?.line;
    const place = line === undefined ? "" : ` in line ${line + 1}`;
    throw new Error(`The kubeconfig is no YAML${place}: ${error.reason}.`);
  }
}

function isYamlFault(
  error: unknown,
): error is Error & { readonly reason: string; readonly mark?: { readonly line: number } } {
  return error instanceof Error && error.name === "YAMLException";
}
