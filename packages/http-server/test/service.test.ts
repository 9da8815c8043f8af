import { describeServiceContract, describeServiceFaults, TakenPort } from "@mayfly/service-contract";
import { freePort } from "@mayfly/test-services";
import { HttpService } from "../src/http-service.ts";

function httpService(port: number): HttpService {
  return new HttpService({ port, listener: () => (_request, response) => void response.end() });
}

describeServiceContract("[SERV-1] HttpService", () => {
  const service = httpService(0);
  return { service, isIdle: () => service.address === undefined };
});

describeServiceFaults("[SERV-4] HttpService", async () => {
  const port = await freePort();
  const taken = new TakenPort(port);
  return { service: httpService(port), beginFault: () => taken.take(), endFault: () => taken.leave() };
});
