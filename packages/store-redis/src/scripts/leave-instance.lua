#!lua flags=allow-oom
-- Says that an instance of a scheduler has gone.
--
-- Atomic because both of its entries go together.
--
-- KEYS: see shared/registration.lua
-- ARGV: 1 id of the instance
-- Returns {'ok'}
-- include: shared/registration.lua

redis.call('ZREM', EXPIRY, ARGV[1])
redis.call('HDEL', INSTANCES, ARGV[1])
return { 'ok' }
