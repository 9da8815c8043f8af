import { z } from "zod";

const nameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, "must be 1 to 63 of A-Z, a-z, 0-9, . _ -");

const textSchema = z.string().refine((text) => !text.includes("\0"), "must not have a NUL character");

/** A command and its arguments; the first is the program. */
const commandSchema = z.array(textSchema).min(1).max(1_024);

/** The name of an object of the cluster (RFC 1123 subdomain). */
const objectNameSchema = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, "must be the name of an object: a-z, 0-9, - and .");

const labelValue = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;

/** One image that tasks may run in, the commands that they may run there, and the limits of each pod. */
const imageSpecSchema = z.strictObject({
  /** `[registry[:port]/]name[:tag][@digest]`; without a tag and a digest it is `latest`. */
  image: z
    .string()
    .max(512)
    .regex(/^[\w[][\w.:/@[\]-]*$/, "must be an image reference, such as registry:5000/tools:1.2"),
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
    .regex(/^[1-9]\d{0,8}:[1-9]\d{0,8}$/, "must be uid:gid as numbers, neither of them 0")
    .default("65534:65534"),
  /** @defaultValue the image's own */
  workingDir: z.string().startsWith("/").optional(),
  /** What the pod asks for, and what it may use at most: the same, so that it is evicted last. */
  memoryMiB: z.int().min(6).max(1_048_576).default(256),
  /** As {@link memoryMiB}; three digits after the point count. */
  cpus: z.number().min(0.01).max(1_024).default(1),
  /** The size of `/tmp`, the only place that it can write to. A pod that writes more is evicted. */
  tmpMiB: z.int().min(1).max(65_536).default(64),
  /** Whether nodes pull the image: only if they lack it, never, or each time. */
  pull: z.enum(["missing", "never", "always"]).default("missing"),
  /** Secrets of the namespace that have the credentials for the image's registry. */
  pullSecrets: z.array(objectNameSchema).max(16).default([]),
  /** The labels that a node must have. */
  nodeSelector: z.record(z.string().min(1).max(317), z.string().regex(labelValue).or(z.literal(""))).default({}),
  /** How important the pods are to the cluster's scheduler. @defaultValue the cluster's own */
  priorityClass: objectNameSchema.optional(),
  /** A sandbox such as gVisor, if the cluster has one. @defaultValue the cluster's own */
  runtimeClass: objectNameSchema.optional(),
});

/** What a {@link KubernetesRuntime} may run: all that tasks can choose is one of these names. */
export const kubernetesSpecSchema = z.strictObject({
  /** By the name that the task's attribute `image` has. A task without it gets the only one. */
  images: z.record(nameSchema, imageSpecSchema).refine((images) => Object.keys(images).length > 0, {
    error: "must have at least one image",
  }),
  /** Keeps apart the Jobs of several deployments of Mayfly in one namespace: each lists its own only. */
  deployment: z
    .string()
    .regex(labelValue, "must be 1 to 63 of A-Z, a-z, 0-9, . _ -, with a letter or digit first and last")
    .default("mayfly"),
});

/** A spec with its defaults filled in. */
export interface KubernetesSpec extends z.infer<typeof kubernetesSpecSchema> {}

/** A spec as it is written. */
export interface KubernetesSpecInput extends z.input<typeof kubernetesSpecSchema> {}

/** One of the images of a {@link KubernetesSpec}. */
export interface KubernetesImageSpec extends z.infer<typeof imageSpecSchema> {}
