#!lua flags=no-writes
-- Reads a task, or what is left of it.
--
-- Atomic because a task that ends between two reads would be seen nowhere.
--
-- KEYS: see shared/shard.lua
-- args: 1 id
-- Returns {'live', record}, {'done', tombstone}, {'unknown'}
-- include: shared/shard.lua

local record = redis.call('GET', TASK .. args[1])
if record then return { 'live', record } end
local tombstone = redis.call('GET', DONE .. args[1])
if tombstone then return { 'done', tombstone } end
return { 'unknown' }
