import { constants, type FileHandle, open } from "node:fs/promises";
import { findJsonFault, type JsonValue } from "@mayfly/task";

/** The most that a command may write into its result file, in bytes. */
const maxResultBytes = 16 * 1_024;

/** What a command has written into its result file. */
export type ResultFile =
  | { readonly status: "none" }
  | { readonly status: "value"; readonly value: JsonValue }
  | { readonly status: "unusable"; readonly message: string };

/** Reads what a command may have written at `path`. Never rejects. */
export async function readResultFile(path: string): Promise<ResultFile> {
  let file: FileHandle;
  try {
    // A command can put anything here: neither a link to elsewhere is followed, nor a pipe waited for.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === "ENOENT";
    return isAbsent ? { status: "none" } : unusable("could not be opened");
  }
  try {
    if (!(await file.stat()).isFile()) return unusable("is not a file");
    const buffer = Buffer.alloc(maxResultBytes + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    if (bytesRead === 0) return { status: "none" };
    if (bytesRead > maxResultBytes) return unusable(`is larger than ${maxResultBytes} bytes`);
    return parse(buffer.toString("utf8", 0, bytesRead));
  } catch {
    return unusable("could not be read");
  } finally {
    await file.close().catch(() => undefined);
  }
}

function parse(text: string): ResultFile {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return unusable("is not JSON");
  }
  const fault = findJsonFault(value);
  return fault === undefined ? { status: "value", value } : unusable(`has a value that ${fault.message}`);
}

function unusable(fault: string): ResultFile {
  return { status: "unusable", message: `The command's result file ${fault}.` };
}
