import { access, constants } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";

/** On Debian the programs on the PATH change user, HOME and folder; the ones here do not. */
const debianRabbit = "/usr/lib/rabbitmq/bin";

/** The programs that are not installed, by the names of Debian's packages. */
export async function missingServices(): Promise<readonly string[]> {
  const missing: string[] = [];
  if ((await findProgram("redis-server")) === undefined) missing.push("redis-server");
  const rabbit = await findRabbitPrograms();
  if (rabbit === undefined || (await findProgram("epmd")) === undefined) missing.push("rabbitmq-server");
  return missing;
}

/** The folder that holds `rabbitmq-server` and `rabbitmqctl`. */
export async function rabbitPrograms(): Promise<string> {
  const folder = await findRabbitPrograms();
  if (folder === undefined) throw new Error("RabbitMQ is not installed: no rabbitmq-server on the PATH.");
  return folder;
}

async function findRabbitPrograms(): Promise<string | undefined> {
  if (await isExecutable(join(debianRabbit, "rabbitmq-server"))) return debianRabbit;
  const program = await findProgram("rabbitmq-server");
  return program === undefined ? undefined : dirname(program);
}

/** The full path of a program on the PATH. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    if (folder !== "" && (await isExecutable(join(folder, name)))) return join(folder, name);
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
