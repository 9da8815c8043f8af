#!lua flags=no-writes
-- Reads what kind of server holds a shard: whether it keeps what it acknowledges.
--
-- A script, although one command would do, because on a Cluster only a key leads to the right server.
--
-- KEYS: see shared/shard.lua
-- Returns {the text of INFO on persistence and memory}
-- include: shared/shard.lua

return { redis.call('INFO', 'persistence') .. redis.call('INFO', 'memory') }
