#!lua flags=no-writes
-- Reads a piece of a task's log, of whole characters.
--
-- Atomic because a reader must not be told that the task is done and miss what was said just before.
--
-- KEYS: see shared/shard.lua
-- args: 1 id, 2 from which byte on, 3 at most so many bytes
-- Returns {'live' or 'done' or 'unknown', text, where the log goes on, '1' if nothing comes after that now else ''}
-- include: shared/shard.lua
-- include: shared/whole-characters.lua

local id, from, limit = args[1], tonumber(args[2]), math.max(4, tonumber(args[3]))
local state = 'unknown'
if redis.call('EXISTS', TASK .. id) == 1 then
  state = 'live'
elseif redis.call('EXISTS', DONE .. id) == 1 then
  state = 'done'
end
local size = redis.call('STRLEN', LOG .. id)
if from >= size then return { state, '', size, '1' } end
-- Some more, for what is left of a character at the beginning and the look beyond the end.
local bytes = redis.call('GETRANGE', LOG .. id, text(from), text(from + limit + 3))
local skipped = 0
while continues(bytes, skipped + 1) do skipped = skipped + 1 end
bytes = string.sub(bytes, skipped + 1)
bytes = string.sub(bytes, 1, whole_characters(bytes, math.min(#bytes, limit)))
local next_at = from + skipped + #bytes
return { state, bytes, next_at, next_at == size and '1' or '' }
