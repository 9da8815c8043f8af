#!lua flags=no-writes
-- Reads a scheduler's registration.
--
-- A script, although one command would do, so that it goes the way of every other call.
--
-- KEYS: see shared/registration.lua
-- Returns name and JSON of each member; nothing when there is no registration
-- include: shared/registration.lua

return redis.call('HGETALL', REGISTRATION)
