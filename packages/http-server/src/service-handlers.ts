import { openApiDocument } from "@mayfly/http-contract";
import type { Handlers } from "./handler.ts";
import type { Readiness } from "./readiness.ts";

/** What answers everything about the API itself. */
export function serviceHandlers(readiness: Readiness): Handlers<"health" | "readiness" | "openApi"> {
  const document = openApiDocument();
  return {
    async health() {
      return { status: 200, body: { status: "ok" } };
    },

    async readiness() {
      const view = await readiness.look();
      return { status: view.status === "unavailable" ? 503 : 200, body: view };
    },

    async openApi({ basePath }) {
      return { status: 200, body: { ...document, servers: [{ url: basePath || "/" }] } };
    },
  };
}
