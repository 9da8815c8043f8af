import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { unusable } from "@mayfly/app-kit";
import type { DockerAddress } from "@mayfly/runtime-docker";
import { errorMessage } from "@mayfly/service";
import type { Config } from "./config.ts";

/**
 * Where the engine listens, with the certificates `ca.pem`, `cert.pem` and `key.pem` for one that is elsewhere.
 *
 * @throws ConfigError when a certificate cannot be read
 */
export async function readDockerAddress(
  config: Pick<Config, "MAYFLY_DOCKER_HOST" | "MAYFLY_DOCKER_CERT_PATH">,
): Promise<DockerAddress> {
  const url = new URL(config.MAYFLY_DOCKER_HOST);
  if (url.protocol === "unix:") return { socketPath: decodeURIComponent(url.pathname) };
  const folder = config.MAYFLY_DOCKER_CERT_PATH ?? "";
  const [ca, cert, key] = await Promise.all([
    readPem(folder, "ca.pem"),
    readPem(folder, "cert.pem"),
    readPem(folder, "key.pem"),
  ]);
  return { host: url.hostname, port: Number(url.port), ca, cert, key };
}

async function readPem(folder: string, name: string): Promise<string> {
  try {
    return await readFile(resolve(folder, name), "utf8");
  } catch (error) {
    throw unusable([`MAYFLY_DOCKER_CERT_PATH: ${name} cannot be read: ${errorMessage(error)}`], { cause: error });
  }
}
