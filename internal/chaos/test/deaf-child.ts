import { OwnedProcess } from "@mayfly/test-services";

/** A process that ignores SIGTERM and never ends by itself. */
export async function deafChild(): Promise<OwnedProcess> {
  const script = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("deaf")';
  const { promise, resolve } = withResolvers();
  const child = await OwnedProcess.spawn({
    command: process.execPath,
    args: ["-e", script],
    env: {},
    cwd: "/",
    onOutput: resolve,
  });
  await promise;
  return child;
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
