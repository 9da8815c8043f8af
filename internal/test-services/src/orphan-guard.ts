import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";

/**
 * Reads one command a line and ends with its standard input, that is, with the process that started it,
 * however that process ended. Then it kills the process groups and deletes the folders that were left.
 */
const program = `
trap '' INT TERM HUP
groups=' ' folders=''
while read -r command value; do
  case "$command" in
    watch) groups="$groups$value " ;;
    forget) groups=$(printf '%s' "$groups" | sed "s/ $value / /") ;;
    folder) folders="$folders $value" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
for folder in $folders; do rm -rf -- "$folder"; done
`;

/** One helper process per test process that cleans up when the test process dies, even by SIGKILL. */
export class OrphanGuard {
  #shell: ChildProcess | undefined;

  /** Kills this group at the end. */
  watch(processGroup: number): void {
    this.#tell(`watch ${processGroup}`);
  }

  /** This group has ended; its number may be given to another. */
  forget(processGroup: number): void {
    this.#tell(`forget ${processGroup}`);
  }

  /** Deletes this folder at the end. */
  removeAtEnd(folder: string): void {
    if (/\s/.test(folder)) throw new Error(`The folder "${folder}" must not have spaces in its name.`);
    this.#tell(`folder ${folder}`);
  }

  /** Does at once what the death of this process would do. */
  async end(): Promise<void> {
    const shell = this.#shell;
    this.#shell = undefined;
    if (shell === undefined) return;
    shell.ref();
    const closed = once(shell, "close");
    shell.stdin?.end();
    await closed;
  }

  #tell(line: string): void {
    this.#shell ??= this.#start();
    this.#shell.stdin?.write(`${line}\n`);
  }

  #start(): ChildProcess {
    const shell = spawn("/bin/sh", ["-c", program], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
    shell.unref();
    if (shell.stdin instanceof Socket) shell.stdin.unref();
    return shell;
  }
}

/** The guard of this process. */
export const orphanGuard: OrphanGuard = new OrphanGuard();
