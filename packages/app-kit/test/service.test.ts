import { describeServiceContract, describeServiceFaults, TakenPort } from "@mayfly/service-contract";
import { freePort } from "@mayfly/test-services";
import { HealthServer } from "../src/index.ts";

function healthServer(port: number): HealthServer {
  return new HealthServer({ host: "127.0.0.1", port, isReady: () => true });
}

describeServiceContract("[SERV-1] HealthServer", async () => ({ service: healthServer(await freePort()) }));

describeServiceFaults("[SERV-4] HealthServer", async () => {
  const port = await freePort();
  const taken = new TakenPort(port);
  return { service: healthServer(port), beginFault: () => taken.take(), endFault: () => taken.leave() };
});
