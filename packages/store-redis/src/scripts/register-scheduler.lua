#!lua
-- Stores a scheduler's registration: given members replace, others stay.
--
-- Atomic because two registrations at once must not lose each other's members.
--
-- KEYS: see shared/registration.lua
-- ARGV: name and JSON of each given member
-- Returns {1 if there was none before, else 0, then name and JSON of each member}
-- include: shared/registration.lua

local created = 1 - redis.call('EXISTS', REGISTRATION)
redis.call('HSET', REGISTRATION, 'format', '1', unpack(ARGV))
return { created, unpack(redis.call('HGETALL', REGISTRATION)) }
