import { z } from "zod";
import { isImageReference } from "./image-reference.ts";

const nameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, "must be 1 to 63 of A-Z, a-z, 0-9, . _ -");

const textSchema = z.string().refine((text) => !text.includes("\0"), "must not have a NUL character");

/** A command and its arguments; the first is the program. */
const commandSchema = z.array(textSchema).min(1).max(1_024);

/** One image that tasks may run in, the commands that they may run there, and the limits of each container. */
const imageSpecSchema = z.strictObject({
  /** `[registry[:port]/]name[:tag][@digest]`; without a tag and a digest it is `latest`. */
  image: z.string().refine(isImageReference, "must be an image reference, such as registry:5000/tools:1.2"),
  /** By the name that the task's attribute `command` has. A task without it gets the only one. */
  commands: z.record(nameSchema, commandSchema).refine((commands) => Object.keys(commands).length > 0, {
    error: "must have at least one command",
  }),
  env: z
    .record(z.string().regex(/^(?!MAYFLY_)[A-Za-z_][A-Za-z0-9_]*$/, "must be a name, not one of MAYFLY_*"), textSchema)
    .default({}),
  /** `uid:gid`, as numbers; never 0. */
  user: z
    .string()
    .regex(/^[1-9]\d{0,9}:[1-9]\d{0,9}$/, "must be uid:gid as numbers, neither of them 0")
    .default("65534:65534"),
  /** @defaultValue the image's own */
  workingDir: z.string().startsWith("/").optional(),
  /** Includes what the container writes to `/tmp`. There is no swap. */
  memoryMiB: z.int().min(6).max(1_048_576).default(256),
  cpus: z.number().min(0.01).max(1_024).default(1),
  /** How many processes and threads it may have. */
  pids: z.int().min(4).max(32_768).default(128),
  /** The size of `/tmp`, the only place that it can write to. */
  tmpMiB: z.int().min(1).max(65_536).default(64),
  /** `none`, or the name of a network that exists. */
  network: z
    .string()
    .regex(
      /^(?!(?:host|default)$)[A-Za-z0-9][A-Za-z0-9_.-]*$/,
      "must be none or the name of a network, not host or default",
    )
    .default("none"),
  /** `missing`: an image that the engine lacks is pulled, without credentials. */
  pull: z.enum(["never", "missing"]).default("never"),
});

/** What a {@link DockerRuntime} may run: all that tasks can choose is one of these names. */
export const dockerSpecSchema = z.strictObject({
  /** By the name that the task's attribute `image` has. A task without it gets the only one. */
  images: z.record(nameSchema, imageSpecSchema).refine((images) => Object.keys(images).length > 0, {
    error: "must have at least one image",
  }),
  /** Keeps apart the containers of several deployments of Mayfly on one engine: each lists its own only. */
  deployment: nameSchema.default("mayfly"),
});

/** A spec with its defaults filled in. */
export interface DockerSpec extends z.infer<typeof dockerSpecSchema> {}

/** A spec as it is written. */
export interface DockerSpecInput extends z.input<typeof dockerSpecSchema> {}

/** One of the images of a {@link DockerSpec}. */
export interface ImageSpec extends z.infer<typeof imageSpecSchema> {}
