import { describeStoreContract } from "@mayfly/store/contract";
import { openRedisHarness } from "./redis-harness.ts";

describeStoreContract("RedisStore with four shards", () => openRedisHarness({ shards: 4 }), { isConcurrent: true });
