#!lua flags=allow-oom
-- Says that an instance of a scheduler lives, and stores the scheduler's registration if it is missing.
--
-- Atomic because a registration that is removed in between would leave an instance without one.
--
-- KEYS: see shared/registration.lua
-- ARGV: 1 id of the instance, 2 the instance as JSON, 3 how long it counts as alive, then name and JSON of each member of
--   the registration
-- Returns {'ok'}
-- include: shared/registration.lua

if redis.call('EXISTS', REGISTRATION) == 0 then redis.call('HSET', REGISTRATION, 'format', '1', unpack(ARGV, 4)) end
local silent = redis.call('ZRANGE', EXPIRY, '-inf', text(now), 'BYSCORE', 'LIMIT', 0, 100)
if #silent > 0 then
  redis.call('ZREM', EXPIRY, unpack(silent))
  redis.call('HDEL', INSTANCES, unpack(silent))
end
redis.call('ZADD', EXPIRY, text(now + ARGV[3]), ARGV[1])
redis.call('HSET', INSTANCES, ARGV[1], text(now) .. '\n' .. ARGV[2])
local last = tonumber(redis.call('ZRANGE', EXPIRY, -1, -1, 'WITHSCORES')[2])
redis.call('PEXPIREAT', EXPIRY, text(last))
redis.call('PEXPIREAT', INSTANCES, text(last))
return { 'ok' }
