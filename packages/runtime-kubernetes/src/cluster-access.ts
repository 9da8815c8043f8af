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
 * @throws Error when there is none, or when it names no cluster
 */
export function loadAccess(access: ClusterAccess | undefined): LoadedAccess {
  const kubeConfig = new KubeConfig();
  if (access === undefined) kubeConfig.loadFromCluster();
  else if ("file" in access) kubeConfig.loadFromFile(access.file);
  else kubeConfig.loadFromString(access.text);
  if (access?.context !== undefined) kubeConfig.setCurrentContext(access.context);
  const context = kubeConfig.getContextObject(kubeConfig.getCurrentContext());
  const server = kubeConfig.getCurrentCluster()?.server;
  if (server === undefined || !URL.canParse(server))
    throw new Error(
      access === undefined
        ? "This process runs in no pod that has a service account, and no kubeconfig is given."
        : "The kubeconfig has no such context, or no cluster for it.",
    );
  return { kubeConfig, server, namespace: context?.namespace ?? "default" };
}
