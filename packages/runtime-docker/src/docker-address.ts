/** Where an engine listens: on a socket of this host, or over TLS with certificates (PEM) for both sides. */
export type DockerAddress =
  | { readonly socketPath: string }
  | {
      readonly host: string;
      readonly port: number;
      readonly ca: string;
      readonly cert: string;
      readonly key: string;
    };
