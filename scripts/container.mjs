import { root, run } from "./run.mjs";

/** Debian with Node and npm, where the scripts can install the rest themselves. */
const image = "node:20-bookworm";

/** Whether containers can be run here. */
export async function hasDocker() {
  return (await run("docker", ["info"], { timeoutMs: 20_000 })).code === 0;
}

/**
 * Runs `npm test` in a container of its own on a copy of this folder, for machines on which Redis and RabbitMQ can
 * neither be found nor installed. Nothing is written to this folder, and nothing of it is run but the sources: what
 * was installed and built here may be for another system.
 *
 * @type {import("./step.mjs").Step}
 */
export const suitesInContainer = {
  name: "npm test in a container",
  run: async () => {
    const copy = "tar -C /source -c --exclude=node_modules --exclude=dist --exclude=.turbo . | tar -C /mayfly -x";
    const script = `mkdir /mayfly && ${copy} && cd /mayfly && npm test`;
    const args = ["run", "--rm", "--init", "--volume", `${root}:/source:ro`, image, "sh", "-c", script];
    const { code, output } = await run("docker", args, { timeoutMs: 3_600_000 });
    const [, passed = "0", failed = "0"] = /^(\d+) passed, (\d+) failed$/m.exec(output) ?? [];
    return { passed: Number(passed), failed: code === 0 ? Number(failed) : Math.max(Number(failed), 1), output };
  },
};
