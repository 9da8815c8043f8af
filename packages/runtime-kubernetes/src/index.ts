/**
 * Runs each task as a Kubernetes Job.
 *
 * @packageDocumentation
 */
export {};
