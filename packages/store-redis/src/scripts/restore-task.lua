#!lua
-- Writes the record of a task back that the store has lost, with its lease, as its owner knows it; only if there is none.
-- Of one that is there the lease is renewed.
--
-- Atomic because a copy of the message may bring the task back at the same time, and only one of them may have it (I3).
-- Runs without allow-oom on purpose: a record is new memory.
--
-- KEYS: see shared/shard.lua
-- args: 1 id, 2 attempt, 3 claim token, 4 scheduledAt, 5 deadline of this call, 6 Task JSON, 7 content hash, 8 timeout,
--   9 scheduler, 10 traceparent or '', 11 instance, 12 lease, 13 most failures, 14 run, 15 failures, 16 retention,
--   17 for how long it has been running, 18 the handle as JSON or ''
-- Returns {'ok', remainingMs}, {'stop', remainingMs}, {'stale'}, {'gone'}, or {'late'}: nothing has been done
-- include: shared/shard.lua
-- include: shared/record.lua
-- include: shared/event.lua
-- include: shared/gap.lua
-- include: shared/end-task.lua
-- include: shared/owner.lua

if now > tonumber(args[5]) then return { 'late' } end
local id, attempt, token, scheduled_at = args[1], tonumber(args[2]), args[3], tonumber(args[4])
local task, refusal = find_owned(id, attempt, token, scheduled_at)
if task then
  redis.call('ZADD', LEASE, text(now + task.leaseMs), id)
  return { task.state == 'aborting' and 'stop' or 'ok', math.max(0, task.timeout - now) }
end
if refusal ~= 'lost' then return { refusal } end

task = {
  id = id, body = args[6], format = '1', state = 'running', attempt = attempt, token = token, scheduledAt = scheduled_at,
  timeout = tonumber(args[8]), scheduler = args[9], instance = args[11], leaseMs = tonumber(args[12]),
  maxAttempts = tonumber(args[13]), failures = tonumber(args[15]), run = tonumber(args[14]),
  startedAt = now - tonumber(args[17]), dueAt = scheduled_at,
  -- Nobody knows the latest one any more; that of the next announcement begins with what is unique as well.
  announceToken = token,
  contentHash = args[7], retentionMs = tonumber(args[16]), traceparent = args[10], handle = args[18],
}
if task.timeout <= now then
  end_task(task, { outcome = 'timeout' })
  return { 'gone' }
end
save_task(task)
redis.call('ZADD', TIMEOUT, text(task.timeout), id)
redis.call('ZADD', LEASE, text(now + task.leaseMs), id)
redis.call('ZADD', RUNNING .. task.scheduler, text(-scheduled_at), id)
redis.call('SADD', NAMES, task.scheduler)
return { 'ok', task.timeout - now }
