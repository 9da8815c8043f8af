import { freePort } from "@mayfly/test-services";
import { describeServiceContract } from "@mayfly/service-contract";
import { HealthServer } from "../src/index.ts";

describeServiceContract("[SERV-1] HealthServer", async () => ({
  service: new HealthServer({ host: "127.0.0.1", port: await freePort(), isReady: () => true }),
}));
