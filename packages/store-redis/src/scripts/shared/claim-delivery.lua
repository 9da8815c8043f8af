-- Decides who may run a task that was delivered: what scripts/claim-task.lua and scripts/recreate-task.lua have in common.
-- Needs shared/requeue-task.lua and what it needs.
--
-- args: 1 id, 2 deadline of this call, 3 claim token, 4 instance, 5 lease, 6 most failures; of the announced task: 7 content
--   hash, 8 timeout, 9 scheduler, 10 scheduledAt, 11 attempt, 12 announce token, 13 traceparent or '', 14 retention; 15 the
--   scopes that the claimer reaches, or '' for all; 16 those that are abandoned; both as lines, with a line break at
--   the beginning and the end
local ELSEWHERE = 5000
local id, token, lease_ms = args[1], args[3], tonumber(args[5])

local function granted(task)
  local is_announced = task.contentHash == args[7] and task.timeout == tonumber(args[8])
  -- For a repeated call too: the caller counts its lease from when it sent this one.
  redis.call('ZADD', LEASE, text(now + lease_ms), id)
  return {
    'granted', task.attempt, task.run, task.failures, task.timeout - now, task.retentionMs, task.handle or '',
    is_announced and '' or task.body,
  }
end

-- Remembers how far the scheduler's queue has come, for scripts/find-stalled.lua. A copy of an earlier message says little
-- about that: only that it was announced after it was scheduled.
local function remember_claimed(task)
  local announced_at = task.scheduledAt
  if task.announceToken == args[12] then announced_at = tonumber(redis.call('ZSCORE', ANNOUNCED, id) or task.dueAt) end
  local latest = tonumber(redis.call('HGET', CLAIMED, task.scheduler) or -1)
  if announced_at > latest then redis.call('HSET', CLAIMED, task.scheduler, text(announced_at)) end
end

local function grant(task)
  task.state = 'running'
  task.attempt = task.attempt + 1
  task.token = token
  task.releasedByOwner = nil
  task.instance = args[4]
  task.leaseMs = lease_ms
  task.maxAttempts = tonumber(args[6])
  task.startedAt = now
  save_task(task)
  remember_claimed(task)
  redis.call('ZREM', OUTBOX, id)
  redis.call('ZREM', ANNOUNCED, id)
  redis.call('ZREM', WAITING .. task.scheduler, id)
  redis.call('ZADD', RUNNING .. task.scheduler, text(-task.scheduledAt), id)
  tell_event('ack', task)
  return granted(task)
end

-- Where the work of a task may be running, if the claimer does not reach it.
local function unreached_scope(task)
  local scope = args[15] ~= '' and scope_of(task)
  if not scope or string.find(args[15], '\n' .. scope .. '\n', 1, true) then return nil end
  return scope
end

-- A task of which there is no record. `body` is the Task JSON if it is to be made anew, else nil.
local function claim_absent(body)
  local scheduled_at = tonumber(args[10])
  if find_tombstone(id) or not may_be_lost(scheduled_at) then return { 'gone' } end
  local task = {
    id = id, body = body, format = '1', state = 'scheduled', attempt = tonumber(args[11]), scheduledAt = scheduled_at,
    timeout = tonumber(args[8]), scheduler = args[9], failures = 0, run = 1, dueAt = scheduled_at,
    announceToken = args[12], contentHash = args[7], retentionMs = tonumber(args[14]), traceparent = args[13],
  }
  if task.timeout <= now then
    end_task(task, { outcome = 'timeout' })
    return { 'expired' }
  end
  if not body then return { 'lost' } end
  redis.call('ZADD', TIMEOUT, text(task.timeout), id)
  redis.call('SADD', NAMES, task.scheduler)
  return grant(task)
end

local function claim_delivery(body)
  if now > tonumber(args[2]) then return { 'late' } end
  local task = find_task(id)
  if not task then return claim_absent(body) end
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
  local scope = unreached_scope(task)
  if scope then
    if not string.find(args[16], '\n' .. scope .. '\n', 1, true) then
      task.dueAt = now + ELSEWHERE
      announce_anew(task, task.dueAt)
      return { 'elsewhere', ELSEWHERE, scope }
    end
    local ended = abandon_work(task)
    if ended then return { ended } end
  end
  return grant(task)
end
