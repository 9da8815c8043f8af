#!lua flags=no-writes
-- Reads what has happened in a shard, oldest first.
--
-- A script, although one command would do, so that it goes the way of every other call.
--
-- KEYS: see shared/shard.lua
-- args: 1 after this stream id, 2 at most this many
-- Returns for each event {stream id, {name, value, ...}}
-- include: shared/shard.lua

return redis.call('XRANGE', EVENTS, '(' .. args[1], '+', 'COUNT', args[2])
