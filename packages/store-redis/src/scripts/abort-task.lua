#!lua flags=allow-oom
-- Asks for the end of a task: one that waits is done at once, one that runs becomes aborting and its owner is told.
--
-- Atomic because a claim must come either before, and is told to stop, or after, and is refused.
--
-- KEYS: see shared/shard.lua
-- args: 1 id, 2 the reason as JSON
-- Returns {'ended', tombstone}, {'aborting', record}, {'unknown'}
-- include: shared/shard.lua
-- include: shared/record.lua
-- include: shared/event.lua
-- include: shared/gap.lua
-- include: shared/end-task.lua

local task = find_task(args[1])
if not task then
  local _, raw = find_tombstone(args[1])
  if raw then return { 'ended', raw } end
  return { 'unknown' }
end
if task.state == 'scheduled' then return { 'ended', end_task(task, { outcome = 'aborted', reason = args[2] }) } end
if task.state == 'running' then
  task.state = 'aborting'
  task.abortReason = args[2]
  save_task(task)
end
tell_stop(task, 'abort')
return { 'aborting', pack_task(task) }
