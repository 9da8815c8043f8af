#!lua flags=no-writes
-- Reads the clock of the server that holds a shard.
--
-- A script, although one command would do, because on a Cluster only a key leads to the right server.
--
-- KEYS: see shared/shard.lua
-- Returns {epoch milliseconds}
-- include: shared/shard.lua

return { now }
