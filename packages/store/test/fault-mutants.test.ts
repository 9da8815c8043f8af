import { faultMutants } from "./fault-mutants.ts";
import { verifyMutants } from "./verify-mutants.ts";

verifyMutants(faultMutants);
