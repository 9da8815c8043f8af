import express from "express";
import { HttpService, type HttpServiceOptions } from "./http-service.ts";
import { createRouter, type RouterOptions } from "./router.ts";

/** What {@link createHttpService} takes: the router's options and the service's. */
export interface CreateHttpServiceOptions
  extends Omit<RouterOptions, "endWaits">,
    Omit<HttpServiceOptions, "listener"> {}

/**
 * The HTTP API as a service of its own. From the moment that it is being stopped it is not ready, and those who wait for
 * a task are answered with its present state.
 */
export function createHttpService(options: CreateHttpServiceOptions): HttpService {
  return new HttpService({
    ...options,
    listener: (drain) => {
      const app = express();
      app.disable("x-powered-by");
      app.use(
        createRouter({
          ...options,
          isDraining: () => drain.aborted || (options.isDraining?.() ?? false),
          endWaits: drain,
        }),
      );
      return app;
    },
  });
}
