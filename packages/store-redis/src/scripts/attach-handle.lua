#!lua flags=allow-oom
-- Stores what finds the work again, so that a successor of the owner can adopt it.
--
-- Atomic because an owner that has lost the task must not overwrite its successor's handle (I4).
--
-- KEYS: see shared/shard.lua
-- args: 1 id, 2 attempt, 3 claim token, 4 scheduledAt, 5 the handle as JSON
-- Returns {'ok'}, {'stale'}, {'gone'}, {'lost'}
-- include: shared/shard.lua
-- include: shared/record.lua
-- include: shared/gap.lua
-- include: shared/owner.lua

local task, refusal = find_owned(args[1], tonumber(args[2]), args[3], tonumber(args[4]))
if not task then return { refusal } end
task.handle = args[5]
save_task(task)
return { 'ok' }
