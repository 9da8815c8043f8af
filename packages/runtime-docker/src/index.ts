/**
 * Runs Mayfly's tasks as Docker containers: {@link DockerRuntime}.
 *
 * ```ts
 * const runtime = await DockerRuntime.connect({
 *   images: { tools: { image: "registry:5000/tools:1.2", commands: { convert: ["convert", "--all"] } } },
 * });
 * ```
 *
 * @packageDocumentation
 */
export { DockerRuntime, type DockerRuntimeOptions } from "./docker-runtime.ts";
export { type DockerSpec, type DockerSpecInput, dockerSpecSchema, type ImageSpec } from "./docker-spec.ts";
export type { DockerAddress } from "./docker-address.ts";
export type { DockerHandle } from "./docker-handle.ts";
