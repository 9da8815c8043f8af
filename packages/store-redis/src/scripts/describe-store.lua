#!lua flags=allow-oom
-- Says what the data of this store are like, and writes it down if there are none yet.
--
-- Atomic because two processes that meet an empty Redis must agree.
--
-- KEYS: 1 the store's description
-- ARGV: 1 format, 2 number of shards if the store is new
-- Returns {format, number of shards}
redis.call('HSETNX', KEYS[1], 'format', ARGV[1])
redis.call('HSETNX', KEYS[1], 'shards', ARGV[2])
return redis.call('HMGET', KEYS[1], 'format', 'shards')
