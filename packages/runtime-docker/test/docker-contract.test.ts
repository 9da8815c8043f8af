import { describeRuntimeContract } from "@mayfly/runtime/contract";
import { inject } from "vitest";
import { dockerAbilities, openDockerHarness } from "./docker-harness.ts";

describeRuntimeContract("DockerRuntime", () => openDockerHarness(inject("dockerSocket")), dockerAbilities);
