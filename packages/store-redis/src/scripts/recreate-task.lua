#!lua
-- Claims a task of which the store has lost the record, and makes that anew from the announcement; one that is there is
-- claimed like any other.
--
-- Atomic because two deliveries of one task must not both make it. Runs without allow-oom on purpose: a record is new
-- memory.
--
-- KEYS: see shared/shard.lua
-- args: see shared/claim-delivery.lua, and 17 Task JSON
-- Returns as scripts/claim-task.lua, but never {'lost'}
-- include: shared/shard.lua
-- include: shared/record.lua
-- include: shared/event.lua
-- include: shared/gap.lua
-- include: shared/end-task.lua
-- include: shared/requeue-task.lua
-- include: shared/claim-delivery.lua

return claim_delivery(args[17])
