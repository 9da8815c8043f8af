import { connect } from "node:net";

/** How long Redis takes no writes, unless it dies before, and how long it may take to write, in milliseconds. */
const pauseMs = 60_000;
const limitMs = 30_000;

/**
 * Lets a Redis server take no more writes, and resolves when it has written all that it has answered for: from then on it
 * can be killed. With `appendfsync everysec` it holds writes back, for two seconds at most, while the disk is busy with
 * those before them: a kill just then loses acknowledged writes, and a history that has lost its end proves nothing.
 * Without the pause such writes could still come between the answer and the kill.
 */
export async function untilWritten(port: number): Promise<void> {
  const socket = connect(port, "127.0.0.1").setEncoding("utf8");
  const question = "INFO persistence\r\n";
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`Redis has not written for ${limitMs} ms.`)), limitMs);
      let text = "";
      socket.on("error", reject);
      socket.on("connect", () => void socket.write(`CLIENT PAUSE ${pauseMs} WRITE\r\n${question}`));
      socket.on("data", (more: string) => {
        text += more;
        if (text.startsWith("-")) reject(new Error(`Redis does not pause: ${text}`));
        const unwritten = /aof_buffer_length:(\d+)\r\n/.exec(text)?.[1];
        if (unwritten === "0") resolve();
        if (unwritten === undefined || unwritten === "0") return;
        text = "";
        socket.write(question);
      });
    });
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
