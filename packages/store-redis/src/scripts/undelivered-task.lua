#!lua flags=allow-oom
-- Decides about a task whose message no scheduler could take: it waits to be announced again, or ends.
--
-- Atomic because an announcement that has been made since, or a claim, must not be undone.
--
-- KEYS: see shared/shard.lua
-- args: 1 id, 2 announce token of the message, 3 scheduledAt or '', 4 delay, 5 most failures, 6 the reason as JSON
-- Returns {'released'}, {'ended', tombstone}, {'stale'}, {'gone'}, {'lost'}
-- include: shared/shard.lua
-- include: shared/record.lua
-- include: shared/event.lua
-- include: shared/gap.lua
-- include: shared/end-task.lua
-- include: shared/requeue-task.lua

local task = find_task(args[1])
if not task then
  local scheduled_at = tonumber(args[3])
  local is_lost = scheduled_at and not find_tombstone(args[1]) and may_be_lost(scheduled_at)
  return { is_lost and 'lost' or 'gone' }
end
if is_owned(task) or task.announceToken ~= args[2] then return { 'stale' } end
task.failures = task.failures + 1
if task.failures >= tonumber(args[5]) or task.timeout <= now then
  return { 'ended', end_task(task, { outcome = 'aborted', reason = args[6] }) }
end
requeue_task(task, now + tonumber(args[4]))
return { 'released' }
