#!lua flags=allow-oom
-- Ends a task as its owner says, unless its timeout has come (I10) or it was to be aborted.
--
-- Atomic because the terminal event, the delete and the tombstone are one step (I2).
--
-- KEYS: see shared/shard.lua
-- args: 1 id, 2 attempt, 3 claim token, 4 outcome, 5 the result as JSON or '', 6 '1' if the result was dropped or '',
--   7 the reason as JSON or ''
-- Returns {'ended', tombstone}, {'stale'}, {'gone'}
-- include: shared/shard.lua
-- include: shared/record.lua
-- include: shared/event.lua
-- include: shared/end-task.lua
-- include: shared/owner.lua

local task, refusal, tombstone = find_owned(args[1], tonumber(args[2]), args[3])
if tombstone then return { 'ended', tombstone } end
if not task then return { refusal } end

local ending = { outcome = args[4], result = args[5], resultDropped = args[6], reason = args[7] ~= '' and args[7] or nil }
return { 'ended', end_task(task, ending, '1') }
