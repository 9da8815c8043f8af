#!lua flags=allow-oom
-- Gives up a lease so that the task runs again, at once or later; or ends the task where it cannot.
--
-- Atomic because the lease, the outbox and the count of failures belong together: a crash in between would lose the task
-- or its budget.
--
-- KEYS: see shared/shard.lua
-- args: 1 id, 2 attempt, 3 claim token, 4 scheduledAt, 5 cause (give_back, hand_over, retry), 6 delay, 7 the reason as
--   JSON or ''
-- Returns {'released'}, {'ended', tombstone}, {'stale'}, {'gone'}, {'lost'}
-- include: shared/shard.lua
-- include: shared/record.lua
-- include: shared/event.lua
-- include: shared/gap.lua
-- include: shared/end-task.lua
-- include: shared/requeue-task.lua
-- include: shared/owner.lua

local task, refusal, tombstone, released = find_owned(args[1], tonumber(args[2]), args[3], tonumber(args[4]))
if tombstone then return { 'ended', tombstone } end
if released then return { 'released' } end
if not task then return { refusal } end

local cause = args[5]
if cause == 'retry' then task.failures = task.failures + 1 end
local is_used_up = cause == 'retry' and task.failures >= task.maxAttempts
if is_used_up or task.state == 'aborting' or task.timeout <= now then
  return { 'ended', end_task(task, { outcome = 'aborted', reason = args[7] }, '1') }
end
if cause ~= 'hand_over' then
  -- The work has ended: the next run starts anew and has nothing to adopt.
  task.run = task.run + 1
  task.handle = nil
end
requeue_task(task, now + tonumber(args[6]), '1')
return { 'released' }
