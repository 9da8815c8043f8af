#!lua flags=allow-oom
-- Decides who may run a task that was delivered, and makes the caller its owner (I3).
--
-- Atomic because two deliveries of one task must not both find it free. It also recovers a task whose lease has ended,
-- so that a delivery never has to wait for the sweeper.
--
-- KEYS: see shared/shard.lua
-- args: see shared/claim-delivery.lua
-- Returns {'granted', attempt, run, failures, remainingMs, retention, handle or '', Task JSON if it is not the announced
--   one or ''}, {'early', dueInMs}, {'elsewhere', dueInMs, scope}, {'held'}, {'gone'}, {'expired'}, {'exhausted'}, {'aborting'}, {'lost'}, or {'late'}:
--   nothing has been done
-- include: shared/shard.lua
-- include: shared/record.lua
-- include: shared/event.lua
-- include: shared/gap.lua
-- include: shared/end-task.lua
-- include: shared/requeue-task.lua
-- include: shared/claim-delivery.lua

return claim_delivery(nil)
