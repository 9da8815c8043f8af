#!lua flags=allow-oom
-- Ends a task as its owner says, unless its timeout has come (I10) or it was to be aborted.
--
-- Atomic because the terminal event, the delete and the tombstone are one step (I2).
--
-- KEYS: see shared/shard.lua
-- args: 1 id, 2 attempt, 3 claim token, 4 scheduledAt, 5 outcome, 6 the result as JSON or '', 7 '1' if the result was
--   dropped or '', 8 the reason as JSON or ''
-- Returns {'ended', tombstone}, {'stale'}, {'gone'}, {'lost'}
-- include: shared/shard.lua
-- include: shared/record.lua
-- include: shared/event.lua
-- include: shared/gap.lua
-- include: shared/end-task.lua
-- include: shared/owner.lua

local task, refusal, tombstone = find_owned(args[1], tonumber(args[2]), args[3], tonumber(args[4]))
if tombstone then return { 'ended', tombstone } end
if not task then return { refusal } end

local ending = { outcome = args[5], result = args[6], resultDropped = args[7], reason = args[8] ~= '' and args[8] or nil }
return { 'ended', end_task(task, ending, '1') }
