import { runApp } from "@mayfly/app-kit";
import { build } from "./build.ts";
import { parseConfig } from "./config.ts";

await runApp({ name: "api", parseConfig, build });
