import { describeStoreContract } from "@mayfly/store/contract";
import { openRedisHarness } from "./redis-harness.ts";

describeStoreContract("RedisStore", () => openRedisHarness(), { isConcurrent: true });
