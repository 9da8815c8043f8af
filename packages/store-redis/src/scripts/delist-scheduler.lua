#!lua flags=allow-oom
-- Takes a name from those of the registered schedulers.
--
-- A script, although one command would do, so that it goes the way of every other call.
--
-- KEYS: 1 the names
-- ARGV: 1 the name
-- Returns 1 if it was there, else 0
return redis.call('SREM', KEYS[1], ARGV[1])
