#!lua flags=allow-oom
-- Looks whether the server that holds a shard is still the same, and has its data: see shared/gap.lua.
--
-- Atomic because the gap that it opens must be there before any script that comes later.
--
-- KEYS: see shared/shard.lua
-- Returns {'ok'}
-- include: shared/shard.lua
-- include: shared/gap.lua

watch_server()
return { 'ok' }
