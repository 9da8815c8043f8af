#!lua flags=no-writes
-- Reads the names of all registered schedulers.
--
-- A script, although one command would do, so that it goes the way of every other call.
--
-- KEYS: 1 the names
-- Returns the names
return redis.call('SMEMBERS', KEYS[1])
