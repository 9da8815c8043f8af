-- Ends a task (I2): the record and its place in every index go, a tombstone and the terminal event come, and those who
-- wait for the end are told. Needs shared/record.lua, shared/event.lua and shared/gap.lua.
local OPS = { complete = 'complete', aborted = 'abort', timeout = 'timeout' }

-- Tells the instance that owns a task to stop it. Only a hint: its next heartbeat hears the same.
local function tell_stop(task, stop)
  local hint = '{"stop":"' .. stop .. '","id":"' .. task.id .. '","attempt":' .. text(task.attempt) .. '}'
  redis.call('PUBLISH', ARGV[1] .. task.instance, hint)
end

-- `wanted`: outcome, reason?, result?, resultDropped?. The store has the last word: nothing but timeout once the timeout
-- has come (I10), nothing but what was requested once somebody has asked for the end. `by_owner` is '1' or nil.
-- Returns the tombstone.
local function end_task(task, wanted, by_owner)
  local ending = wanted
  if task.timeout <= now then
    ending = { outcome = 'timeout' }
  elseif task.state == 'aborting' then
    ending = { outcome = 'aborted', reason = task.abortReason }
  end

  redis.call('DEL', TASK .. task.id)
  redis.call('ZREM', TIMEOUT, task.id)
  if is_owned(task) then
    redis.call('ZREM', LEASE, task.id)
    redis.call('ZREM', RUNNING .. task.scheduler, task.id)
    if not by_owner then tell_stop(task, ending.outcome == 'timeout' and 'timeout' or 'abort') end
  else
    redis.call('ZREM', OUTBOX, task.id)
    redis.call('ZREM', ANNOUNCED, task.id)
    redis.call('ZREM', WAITING .. task.scheduler, task.id)
  end
  if redis.call('EXISTS', WAITING .. task.scheduler, RUNNING .. task.scheduler) == 0 then
    redis.call('SREM', NAMES, task.scheduler)
    redis.call('HDEL', CLAIMED, task.scheduler)
  end

  local tombstone = {}
  for _, field in ipairs(TOMBSTONE_FIELDS) do tombstone[field] = task[field] end
  for field, value in pairs(ending) do tombstone[field] = value end
  tombstone.endedAt = now
  tombstone.closedByOwner = by_owner
  local raw = pack_fields(tombstone, TOMBSTONE_FIELDS)

  -- Copies of a task that was scheduled in a gap could bring it back: its tombstone outlives them.
  local kept = task.retentionMs
  if is_in_gap(task.scheduledAt) then kept = math.max(kept, task.timeout - now + kept) end
  redis.call('SET', DONE .. task.id, raw, 'PX', text(kept))
  redis.call('PEXPIRE', LOG .. task.id, text(kept))

  -- Which tombstones there are, by when they expire; it expires with the last of them.
  redis.call('ZADD', ENDED, text(now + kept), task.id)
  if redis.call('PTTL', ENDED) < kept then redis.call('PEXPIRE', ENDED, text(kept)) end
  local expired = redis.call('ZRANGE', ENDED, '-inf', text(now), 'BYSCORE', 'LIMIT', 0, 10)
  if #expired > 0 then redis.call('ZREM', ENDED, unpack(expired)) end
  if redis.call('ZCARD', ENDED) > tonumber(ARGV[4]) then
    local first = redis.call('ZPOPMIN', ENDED)[1]
    redis.call('DEL', DONE .. first, LOG .. first)
  end

  tell_event(OPS[ending.outcome], task, ending)
  redis.call('PUBLISH', ARGV[2] .. task.id, '')
  return raw
end
