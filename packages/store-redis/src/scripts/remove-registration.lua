#!lua flags=allow-oom
-- Removes a scheduler's registration, unless instances of it live.
--
-- Atomic because an instance that comes in between would serve a scheduler that is gone.
--
-- KEYS: see shared/registration.lua
-- Returns {'removed'}, {'unknown'}, {'busy'}
-- include: shared/registration.lua

if redis.call('EXISTS', REGISTRATION) == 0 then return { 'unknown' } end
if redis.call('ZCOUNT', EXPIRY, '(' .. text(now), '+inf') > 0 then return { 'busy' } end
redis.call('DEL', REGISTRATION, INSTANCES, EXPIRY)
return { 'removed' }
