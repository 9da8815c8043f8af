import { connect } from "node:net";

const limitMs = 3_000;

/**
 * Resolves at a moment at which a Redis server has written all that it has answered for, or after three seconds. With
 * `appendfsync everysec` it holds writes back, for two seconds at most, while the disk is busy with those before them: a
 * kill just then loses acknowledged writes, and a history that has lost its end proves nothing.
 */
export async function untilWritten(port: number): Promise<void> {
  const socket = connect(port, "127.0.0.1").setEncoding("utf8");
  const ask = (): void => void socket.write("INFO persistence\r\n");
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(resolve, limitMs);
      let text = "";
      socket.on("error", reject);
      socket.on("connect", ask);
      socket.on("data", (more: string) => {
        text += more;
        const pending = /aof_pending_bio_fsync:(\d+)\r\n/.exec(text)?.[1];
        if (pending === "0") resolve();
        if (pending === undefined || pending === "0") return;
        text = "";
        ask();
      });
    });
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
