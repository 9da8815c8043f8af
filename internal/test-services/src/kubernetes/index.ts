/**
 * An API server of Kubernetes in this process, for tests.
 *
 * @packageDocumentation
 */
export {};
