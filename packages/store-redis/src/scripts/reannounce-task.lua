#!lua flags=allow-oom
-- Puts a task that was announced back into the outbox, due now and under a new announce token.
--
-- Atomic because the task may be claimed, or announced anew, between the look and the change (I7).
--
-- KEYS: see shared/shard.lua
-- args: 1 id, 2 token of its latest announcement
-- Returns {1}, or {0}: it is not one of the announced, or another announcement is the latest
-- include: shared/shard.lua
-- include: shared/record.lua
-- include: shared/event.lua
-- include: shared/gap.lua
-- include: shared/end-task.lua
-- include: shared/requeue-task.lua

local task = find_task(args[1])
if not task or task.announceToken ~= args[2] or not redis.call('ZSCORE', ANNOUNCED, args[1]) then return { 0 } end
announce_anew(task, now)
return { 1 }
