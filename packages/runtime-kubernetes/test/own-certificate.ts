import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ServerCertificate } from "@mayfly/test-services/kubernetes";

const execute = promisify(execFile);

/** Makes a certificate for this address that is signed by itself and valid for a day. */
export async function ownCertificate(address = "127.0.0.1"): Promise<ServerCertificate> {
  const folder = await mkdtemp(join(tmpdir(), "mayfly-certificate-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
  const subject = ["-subj", "/CN=Mayfly test", "-addext", `subjectAltName=IP:${address}`];
  try {
    await execute("openssl", ["req", ...kind, ...subject, "-keyout", key, "-out", cert]);
    return { key: await readFile(key, "utf8"), cert: await readFile(cert, "utf8") };
  } finally {
    await rm(folder, { recursive: true });
  }
}
