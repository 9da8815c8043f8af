#!lua flags=no-writes
-- Counts a scheduler's live tasks of a shard.
--
-- Atomic because a task that moves between the two indexes must be counted exactly once.
--
-- KEYS: see shared/shard.lua
-- args: 1 scheduler
-- Returns {scheduled, running or aborting}
-- include: shared/shard.lua

return { redis.call('ZCARD', WAITING .. args[1]), redis.call('ZCARD', RUNNING .. args[1]) }
