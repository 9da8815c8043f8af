import { describeStoreContract } from "@mayfly/store/contract";
import { openInMemoryHarness } from "./in-memory-harness.ts";

describeStoreContract("InMemoryStore", () => openInMemoryHarness());
describeStoreContract("InMemoryStore with four shards", () => openInMemoryHarness({ shards: 4 }));
