/** Sends `signal` to a process, or to a group by its negative number. One that is gone, or not ours, is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // ESRCH: it has ended. EPERM: it has become another user's; who waits for its end sees that it goes on.
  }
}
