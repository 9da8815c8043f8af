/** What a {@link DockerRuntime} finds a container by, in any process that reaches the same engine. */
export type DockerHandle = {
  readonly version: 1;
  /** `task-<task id>-<run>` */
  readonly name: string;
  /** The engine's id of the container: one that is made later under the same name is another. */
  readonly id: string;
};
