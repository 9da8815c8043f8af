#!lua flags=allow-oom
-- Decides who may run a task that was delivered, and makes the caller its owner (I3).
--
-- Atomic because two deliveries of one task must not both find it free. It also recovers a task whose lease has ended,
-- so that a delivery never has to wait for the sweeper.
--
-- KEYS: see shared/shard.lua
-- args: 1 id, 2 deadline of this call, 3 claim token, 4 instance, 5 lease, 6 most failures, 7 content hash of the
--   announced task, 8 its timeout
-- Returns {'granted', attempt, run, failures, remainingMs, handle or '', Task JSON if it is not the announced one or ''},
--   {'early', dueInMs}, {'held'}, {'gone'}, {'expired'}, {'exhausted'}, {'aborting'}, or {'late'}: nothing has been done
-- include: shared/shard.lua
-- include: shared/record.lua
-- include: shared/event.lua
-- include: shared/end-task.lua
-- include: shared/requeue-task.lua

local id, token, lease_ms = args[1], args[3], tonumber(args[5])
if now > tonumber(args[2]) then return { 'late' } end

local function granted(task)
  local is_announced = task.contentHash == args[7] and task.timeout == tonumber(args[8])
  -- For a repeated call too: the caller counts its lease from when it sent this one.
  redis.call('ZADD', LEASE, text(now + lease_ms), id)
  return {
    'granted', task.attempt, task.run, task.failures, task.timeout - now, task.handle or '', is_announced and '' or task.body,
  }
end

local task = find_task(id)
if not task then return { 'gone' } end
if task.timeout <= now then
  end_task(task, { outcome = 'timeout' })
  return { 'expired' }
end
if is_owned(task) then
  if task.token == token then return granted(task) end
  if tonumber(redis.call('ZSCORE', LEASE, id) or 0) > now then return { 'held' } end
  local ended = recover_task(task)
  if ended then return { ended } end
end
if task.dueAt > now then return { 'early', task.dueAt - now } end

task.state = 'running'
task.attempt = task.attempt + 1
task.token = token
task.releasedByOwner = nil
task.instance = args[4]
task.leaseMs = lease_ms
task.maxAttempts = tonumber(args[6])
task.startedAt = now
save_task(task)
redis.call('ZREM', OUTBOX, id)
redis.call('ZREM', WAITING .. task.scheduler, id)
redis.call('ZADD', RUNNING .. task.scheduler, text(-task.scheduledAt), id)
tell_event('ack', task)
return granted(task)
