#!lua flags=no-writes
-- Reads the instances of a scheduler that live.
--
-- Atomic because an entry must not be read without the time that belongs to it.
--
-- KEYS: see shared/registration.lua
-- Returns for each: when it was heard of last, a line break, and the instance as JSON
-- include: shared/registration.lua

local living = redis.call('ZRANGE', EXPIRY, '(' .. text(now), '+inf', 'BYSCORE')
if #living == 0 then return {} end
return redis.call('HMGET', INSTANCES, unpack(living))
