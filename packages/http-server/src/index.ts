/**
 * The HTTP API of Mayfly: as an Express 5 router to mount in any app, and as a service that listens.
 *
 * ```ts
 * const api = createHttpService({ dispatcher, checks: { store: async () => true, broker: () => true }, port: 8700 });
 * await api.start();
 * ```
 *
 * @packageDocumentation
 */
export { createRouter, type RouterOptions } from "./router.ts";
export { createHttpService, type CreateHttpServiceOptions } from "./create-http-service.ts";
export { type HttpAddress, HttpService, type HttpServiceOptions } from "./http-service.ts";
export type { ReadinessChecks } from "./readiness.ts";
export type { ApiDispatcher } from "./api-dispatcher.ts";
export { HttpProblem } from "./http-problem.ts";
