#!lua flags=allow-oom
-- Adds a name to those of the registered schedulers.
--
-- A script, although one command would do, so that a beat works when Redis is out of memory.
--
-- KEYS: 1 the names
-- ARGV: 1 the name
-- Returns 1 if it is new, else 0
return redis.call('SADD', KEYS[1], ARGV[1])
