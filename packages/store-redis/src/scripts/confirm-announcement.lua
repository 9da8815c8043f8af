#!lua flags=allow-oom
-- Takes a task out of the outbox, once an announcement of it is known to be in its queue (I7): from now on it is one of
-- the announced.
--
-- Atomic because the task may be released and renew its token between the look and the removal.
--
-- KEYS: see shared/shard.lua
-- args: 1 id, 2 announce token
-- Returns {'done'}, or {'other'}: there is no such task, or a newer announcement is due
-- include: shared/shard.lua
-- include: shared/record.lua

local task = find_task(args[1])
if not task or task.announceToken ~= args[2] then return { 'other' } end
if redis.call('ZREM', OUTBOX, args[1]) == 1 then redis.call('ZADD', ANNOUNCED, text(now), args[1]) end
return { 'done' }
