import { loadHandlers } from "@mayfly/app-kit";
import { InlineRuntime } from "@mayfly/scheduler-sdk";
import type { Logger } from "@mayfly/service";
import type { Config } from "./config.ts";
import type { OpenRuntime } from "./opened-runtime.ts";

/** Functions in this process. @throws ConfigError when they cannot be loaded */
export async function prepareInline(config: Config, logger: Logger): Promise<OpenRuntime> {
  const runtime = new InlineRuntime(await loadHandlers(config.MAYFLY_HANDLERS), { logger });
  return async () => ({ runtime, close: () => undefined });
}
