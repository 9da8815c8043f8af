import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

const mebibyte = 1_048_576;

interface Blob {
  readonly type: string;
  readonly body: Buffer;
}

/** A registry, over HTTP on this host, with one image of one layer that holds a file of a given size. */
export class Registry implements AsyncDisposable {
  /** What to pull. */
  readonly image: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.image = `127.0.0.1:${(server.address() as AddressInfo).port}/big:1`;
  }

  /** @param layerMiB - the size of the file in the layer */
  static async open(layerMiB: number): Promise<Registry> {
    const layer = { type: "application/vnd.oci.image.layer.v1.tar", body: archiveOf("big", layerMiB * mebibyte) };
    const config = json("application/vnd.oci.image.config.v1+json", {
      architecture: process.arch === "x64" ? "amd64" : process.arch,
      os: "linux",
      config: {},
      rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
    });
    const manifest = json("application/vnd.oci.image.manifest.v1+json", {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: descriptorOf(config),
      layers: [descriptorOf(layer)],
    });
    const found = new Map<string, Blob>([
      ["/v2/", json("application/json", {})],
      ["/v2/big/manifests/1", manifest],
      [`/v2/big/manifests/${digestOf(manifest)}`, manifest],
      [`/v2/big/blobs/${digestOf(config)}`, config],
      [`/v2/big/blobs/${digestOf(layer)}`, layer],
    ]);
    const server = createServer((request, response) => {
      const blob = found.get(request.url ?? "");
      if (blob === undefined) return void response.writeHead(404).end();
      const { type, body } = blob;
      const headers = { "content-type": type, "content-length": body.length, "docker-content-digest": digestOf(blob) };
      response.writeHead(200, headers).end(request.method === "HEAD" ? "" : body);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Registry(server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** A tar archive of one file of zeros. */
function archiveOf(name: string, bytes: number): Buffer {
  const header = Buffer.alloc(512);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, "0")}\0`;
  header.write(name, 0);
  header.write(`${octal(0o644, 7)}${octal(0, 7)}${octal(0, 7)}${octal(bytes, 11)}${octal(0, 11)}`, 100);
  header.write("        0", 148);
  header.write("ustar\u000000", 257);
  header.write(
    octal(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    ),
    148,
  );
  return Buffer.concat([header, Buffer.alloc(Math.ceil(bytes / 512) * 512 + 1_024)]);
}

function json(type: string, value: object): Blob {
  return { type, body: Buffer.from(JSON.stringify(value)) };
}

function digestOf({ body }: Blob): string {
  return `sha256:${createHash("sha256").update(body).digest("hex")}`;
}

function descriptorOf(blob: Blob): object {
  return { mediaType: blob.type, size: blob.body.length, digest: digestOf(blob) };
}
