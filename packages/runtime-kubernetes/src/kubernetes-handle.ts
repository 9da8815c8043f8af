/** What a {@link KubernetesRuntime} finds a Job by, in any process that reaches the same namespace. */
export type KubernetesHandle = {
  readonly version: 1;
  /** `task-<task id>-<run>` */
  readonly name: string;
  /** The cluster's uid of the Job: one that is made later under the same name is another. */
  readonly uid: string;
};
