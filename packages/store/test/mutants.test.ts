import { mutants } from "./mutants.ts";
import { verifyMutants } from "./verify-mutants.ts";

verifyMutants(mutants);
