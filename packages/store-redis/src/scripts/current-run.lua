#!lua flags=no-writes
-- Reads which run of a task counts.
--
-- Atomic because a task that ends between two reads would be seen nowhere.
--
-- KEYS: see shared/shard.lua
-- args: 1 id
-- Returns {'lives', run, handle or ''}, {'gone'}, {'unknown'}: the task may have been lost
-- include: shared/shard.lua
-- include: shared/record.lua
-- include: shared/gap.lua

local task = find_task(args[1])
if task then return { 'lives', task.run, task.handle or '' } end
if find_tombstone(args[1]) or keeps_everything() then return { 'gone' } end
return { 'unknown' }
