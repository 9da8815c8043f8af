// Written by scripts/generate.mjs from src/scripts; do not edit.
import type { Script } from "./script.ts";

/** The lines of a record, in their order. */
export const recordFields = ["format","state","attempt","token","scheduledAt","timeout","scheduler","instance","leaseMs","maxAttempts","failures","run","startedAt","dueAt","announceToken","contentHash","retentionMs","notBefore","traceparent","handle","progress","abortReason","releasedByOwner"] as const;

/** The lines of a tombstone, in their order. */
export const tombstoneFields = ["format","contentHash","timeout","notBefore","attempt","token","closedByOwner","scheduler","scheduledAt","startedAt","instance","progress","outcome","endedAt","reason","result","resultDropped"] as const;

/** scripts/abort-task.lua */
export const abortTask: Script = {
  name: "abort-task",
  sha1: "206af428e2169c8984e751e16b83c7905bb8a132",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, WAITING, RUNNING, NAMES, ENDED, EVENTS = unpack(KEYS)
local args = { unpack(ARGV, 5) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  return value or ''
end
local RECORD_FIELDS = {
  'format', 'state', 'attempt', 'token', 'scheduledAt', 'timeout', 'scheduler', 'instance', 'leaseMs', 'maxAttempts',
  'failures', 'run', 'startedAt', 'dueAt', 'announceToken', 'contentHash', 'retentionMs', 'notBefore', 'traceparent',
  'handle', 'progress', 'abortReason', 'releasedByOwner',
}
local TOMBSTONE_FIELDS = {
  'format', 'contentHash', 'timeout', 'notBefore', 'attempt', 'token', 'closedByOwner', 'scheduler', 'scheduledAt',
  'startedAt', 'instance', 'progress', 'outcome', 'endedAt', 'reason', 'result', 'resultDropped',
}
local NUMBERS = {
  attempt = true, scheduledAt = true, timeout = true, leaseMs = true, maxAttempts = true, failures = true, run = true,
  startedAt = true, dueAt = true, retentionMs = true,
}
local RECORD_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #RECORD_FIELDS) .. '()'
local TOMBSTONE_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #TOMBSTONE_FIELDS) .. '()'
local function unpack_fields(raw, pattern, fields)
  local values = { string.match(raw, pattern) }
  if values[1] ~= '1' then error('MAYFLY unknown format of a record') end
  local object = { bodyAt = values[#fields + 1] }
  for i, field in ipairs(fields) do
    local value = values[i]
    if value ~= '' then object[field] = NUMBERS[field] and tonumber(value) or value end
  end
  return object
end
local function pack_fields(object, fields)
  local lines = {}
  for i, field in ipairs(fields) do lines[i] = text(object[field]) end
  lines[#fields + 1] = ''
  return table.concat(lines, '\\n')
end
local function find_task(id)
  local raw = redis.call('GET', TASK .. id)
  if not raw then return nil end
  local task = unpack_fields(raw, RECORD_PATTERN, RECORD_FIELDS)
  task.id = id
  task.body = string.sub(raw, task.bodyAt)
  return task
end
local function pack_task(task)
  return pack_fields(task, RECORD_FIELDS) .. task.body
end
local function save_task(task)
  redis.call('SET', TASK .. task.id, pack_task(task))
end
local function find_tombstone(id)
  local raw = redis.call('GET', DONE .. id)
  if not raw then return nil end
  return unpack_fields(raw, TOMBSTONE_PATTERN, TOMBSTONE_FIELDS), raw
end
local function is_owned(task)
  return task.state == 'running' or task.state == 'aborting'
end
local function tell_event(op, task, ending)
  local fields = { 'op', op, 'id', task.id, 'scheduler', task.scheduler, 'at', text(now) }
  local function add(name, value)
    if value then
      fields[#fields + 1] = name
      fields[#fields + 1] = text(value)
    end
  end
  if op ~= 'add' and task.attempt > 0 then
    add('attempt', task.attempt)
    add('instance', task.instance)
  end
  if ending then
    add('outcome', ending.outcome)
    add('reason', ending.reason)
  end
  redis.call('XADD', EVENTS, 'MAXLEN', '~', ARGV[3], '*', unpack(fields))
end
local OPS = { complete = 'complete', aborted = 'abort', timeout = 'timeout' }
local function tell_stop(task, stop)
  local hint = '{"stop":"' .. stop .. '","id":"' .. task.id .. '","attempt":' .. text(task.attempt) .. '}'
  redis.call('PUBLISH', ARGV[1] .. task.instance, hint)
end
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
    redis.call('ZREM', WAITING .. task.scheduler, task.id)
  end
  if redis.call('EXISTS', WAITING .. task.scheduler, RUNNING .. task.scheduler) == 0 then
    redis.call('SREM', NAMES, task.scheduler)
  end
  local tombstone = {}
  for _, field in ipairs(TOMBSTONE_FIELDS) do tombstone[field] = task[field] end
  for field, value in pairs(ending) do tombstone[field] = value end
  tombstone.endedAt = now
  tombstone.closedByOwner = by_owner
  local raw = pack_fields(tombstone, TOMBSTONE_FIELDS)
  redis.call('SET', DONE .. task.id, raw, 'PX', text(task.retentionMs))
  redis.call('ZADD', ENDED, text(now + task.retentionMs), task.id)
  if redis.call('PTTL', ENDED) < task.retentionMs then redis.call('PEXPIRE', ENDED, text(task.retentionMs)) end
  local expired = redis.call('ZRANGE', ENDED, '-inf', text(now), 'BYSCORE', 'LIMIT', 0, 10)
  if #expired > 0 then redis.call('ZREM', ENDED, unpack(expired)) end
  if redis.call('ZCARD', ENDED) > tonumber(ARGV[4]) then
    redis.call('DEL', DONE .. redis.call('ZPOPMIN', ENDED)[1])
  end
  tell_event(OPS[ending.outcome], task, ending)
  redis.call('PUBLISH', ARGV[2] .. task.id, '')
  return raw
end
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
`,
};

/** scripts/attach-handle.lua */
export const attachHandle: Script = {
  name: "attach-handle",
  sha1: "86bb4e6fbf3246037a2aa70ef170dedb94bbf294",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, WAITING, RUNNING, NAMES, ENDED, EVENTS = unpack(KEYS)
local args = { unpack(ARGV, 5) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  return value or ''
end
local RECORD_FIELDS = {
  'format', 'state', 'attempt', 'token', 'scheduledAt', 'timeout', 'scheduler', 'instance', 'leaseMs', 'maxAttempts',
  'failures', 'run', 'startedAt', 'dueAt', 'announceToken', 'contentHash', 'retentionMs', 'notBefore', 'traceparent',
  'handle', 'progress', 'abortReason', 'releasedByOwner',
}
local TOMBSTONE_FIELDS = {
  'format', 'contentHash', 'timeout', 'notBefore', 'attempt', 'token', 'closedByOwner', 'scheduler', 'scheduledAt',
  'startedAt', 'instance', 'progress', 'outcome', 'endedAt', 'reason', 'result', 'resultDropped',
}
local NUMBERS = {
  attempt = true, scheduledAt = true, timeout = true, leaseMs = true, maxAttempts = true, failures = true, run = true,
  startedAt = true, dueAt = true, retentionMs = true,
}
local RECORD_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #RECORD_FIELDS) .. '()'
local TOMBSTONE_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #TOMBSTONE_FIELDS) .. '()'
local function unpack_fields(raw, pattern, fields)
  local values = { string.match(raw, pattern) }
  if values[1] ~= '1' then error('MAYFLY unknown format of a record') end
  local object = { bodyAt = values[#fields + 1] }
  for i, field in ipairs(fields) do
    local value = values[i]
    if value ~= '' then object[field] = NUMBERS[field] and tonumber(value) or value end
  end
  return object
end
local function pack_fields(object, fields)
  local lines = {}
  for i, field in ipairs(fields) do lines[i] = text(object[field]) end
  lines[#fields + 1] = ''
  return table.concat(lines, '\\n')
end
local function find_task(id)
  local raw = redis.call('GET', TASK .. id)
  if not raw then return nil end
  local task = unpack_fields(raw, RECORD_PATTERN, RECORD_FIELDS)
  task.id = id
  task.body = string.sub(raw, task.bodyAt)
  return task
end
local function pack_task(task)
  return pack_fields(task, RECORD_FIELDS) .. task.body
end
local function save_task(task)
  redis.call('SET', TASK .. task.id, pack_task(task))
end
local function find_tombstone(id)
  local raw = redis.call('GET', DONE .. id)
  if not raw then return nil end
  return unpack_fields(raw, TOMBSTONE_PATTERN, TOMBSTONE_FIELDS), raw
end
local function is_owned(task)
  return task.state == 'running' or task.state == 'aborting'
end
local function find_owned(id, attempt, token)
  local task = find_task(id)
  if task then
    if task.attempt ~= attempt or task.token ~= token then return nil, 'stale' end
    if is_owned(task) then return task end
    return nil, 'stale', nil, task.releasedByOwner
  end
  local tombstone, raw = find_tombstone(id)
  if not tombstone then return nil, 'gone' end
  if tombstone.attempt ~= attempt or tombstone.token ~= token then return nil, 'stale' end
  return nil, 'gone', tombstone.closedByOwner and raw
end
local task, refusal = find_owned(args[1], tonumber(args[2]), args[3])
if not task then return { refusal } end
task.handle = args[4]
save_task(task)
return { 'ok' }
`,
};

/** scripts/beat-instance.lua */
export const beatInstance: Script = {
  name: "beat-instance",
  sha1: "125c66eb9c0e0bc6484a8d1efe10a8d3a276025c",
  lua: `#!lua flags=allow-oom
local REGISTRATION, INSTANCES, EXPIRY = KEYS[1], KEYS[2], KEYS[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  return string.format('%.0f', value)
end
redis.call('HSETNX', REGISTRATION, 'format', '1')
local silent = redis.call('ZRANGE', EXPIRY, '-inf', text(now), 'BYSCORE', 'LIMIT', 0, 100)
if #silent > 0 then
  redis.call('ZREM', EXPIRY, unpack(silent))
  redis.call('HDEL', INSTANCES, unpack(silent))
end
redis.call('ZADD', EXPIRY, text(now + ARGV[3]), ARGV[1])
redis.call('HSET', INSTANCES, ARGV[1], text(now) .. '\\n' .. ARGV[2])
local last = tonumber(redis.call('ZRANGE', EXPIRY, -1, -1, 'WITHSCORES')[2])
redis.call('PEXPIREAT', EXPIRY, text(last))
redis.call('PEXPIREAT', INSTANCES, text(last))
return { 'ok' }
`,
};

/** scripts/claim-task.lua */
export const claimTask: Script = {
  name: "claim-task",
  sha1: "7b1b771fb70a3c517799ff93bea322de87ede5ce",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, WAITING, RUNNING, NAMES, ENDED, EVENTS = unpack(KEYS)
local args = { unpack(ARGV, 5) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  return value or ''
end
local RECORD_FIELDS = {
  'format', 'state', 'attempt', 'token', 'scheduledAt', 'timeout', 'scheduler', 'instance', 'leaseMs', 'maxAttempts',
  'failures', 'run', 'startedAt', 'dueAt', 'announceToken', 'contentHash', 'retentionMs', 'notBefore', 'traceparent',
  'handle', 'progress', 'abortReason', 'releasedByOwner',
}
local TOMBSTONE_FIELDS = {
  'format', 'contentHash', 'timeout', 'notBefore', 'attempt', 'token', 'closedByOwner', 'scheduler', 'scheduledAt',
  'startedAt', 'instance', 'progress', 'outcome', 'endedAt', 'reason', 'result', 'resultDropped',
}
local NUMBERS = {
  attempt = true, scheduledAt = true, timeout = true, leaseMs = true, maxAttempts = true, failures = true, run = true,
  startedAt = true, dueAt = true, retentionMs = true,
}
local RECORD_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #RECORD_FIELDS) .. '()'
local TOMBSTONE_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #TOMBSTONE_FIELDS) .. '()'
local function unpack_fields(raw, pattern, fields)
  local values = { string.match(raw, pattern) }
  if values[1] ~= '1' then error('MAYFLY unknown format of a record') end
  local object = { bodyAt = values[#fields + 1] }
  for i, field in ipairs(fields) do
    local value = values[i]
    if value ~= '' then object[field] = NUMBERS[field] and tonumber(value) or value end
  end
  return object
end
local function pack_fields(object, fields)
  local lines = {}
  for i, field in ipairs(fields) do lines[i] = text(object[field]) end
  lines[#fields + 1] = ''
  return table.concat(lines, '\\n')
end
local function find_task(id)
  local raw = redis.call('GET', TASK .. id)
  if not raw then return nil end
  local task = unpack_fields(raw, RECORD_PATTERN, RECORD_FIELDS)
  task.id = id
  task.body = string.sub(raw, task.bodyAt)
  return task
end
local function pack_task(task)
  return pack_fields(task, RECORD_FIELDS) .. task.body
end
local function save_task(task)
  redis.call('SET', TASK .. task.id, pack_task(task))
end
local function find_tombstone(id)
  local raw = redis.call('GET', DONE .. id)
  if not raw then return nil end
  return unpack_fields(raw, TOMBSTONE_PATTERN, TOMBSTONE_FIELDS), raw
end
local function is_owned(task)
  return task.state == 'running' or task.state == 'aborting'
end
local function tell_event(op, task, ending)
  local fields = { 'op', op, 'id', task.id, 'scheduler', task.scheduler, 'at', text(now) }
  local function add(name, value)
    if value then
      fields[#fields + 1] = name
      fields[#fields + 1] = text(value)
    end
  end
  if op ~= 'add' and task.attempt > 0 then
    add('attempt', task.attempt)
    add('instance', task.instance)
  end
  if ending then
    add('outcome', ending.outcome)
    add('reason', ending.reason)
  end
  redis.call('XADD', EVENTS, 'MAXLEN', '~', ARGV[3], '*', unpack(fields))
end
local OPS = { complete = 'complete', aborted = 'abort', timeout = 'timeout' }
local function tell_stop(task, stop)
  local hint = '{"stop":"' .. stop .. '","id":"' .. task.id .. '","attempt":' .. text(task.attempt) .. '}'
  redis.call('PUBLISH', ARGV[1] .. task.instance, hint)
end
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
    redis.call('ZREM', WAITING .. task.scheduler, task.id)
  end
  if redis.call('EXISTS', WAITING .. task.scheduler, RUNNING .. task.scheduler) == 0 then
    redis.call('SREM', NAMES, task.scheduler)
  end
  local tombstone = {}
  for _, field in ipairs(TOMBSTONE_FIELDS) do tombstone[field] = task[field] end
  for field, value in pairs(ending) do tombstone[field] = value end
  tombstone.endedAt = now
  tombstone.closedByOwner = by_owner
  local raw = pack_fields(tombstone, TOMBSTONE_FIELDS)
  redis.call('SET', DONE .. task.id, raw, 'PX', text(task.retentionMs))
  redis.call('ZADD', ENDED, text(now + task.retentionMs), task.id)
  if redis.call('PTTL', ENDED) < task.retentionMs then redis.call('PEXPIRE', ENDED, text(task.retentionMs)) end
  local expired = redis.call('ZRANGE', ENDED, '-inf', text(now), 'BYSCORE', 'LIMIT', 0, 10)
  if #expired > 0 then redis.call('ZREM', ENDED, unpack(expired)) end
  if redis.call('ZCARD', ENDED) > tonumber(ARGV[4]) then
    redis.call('DEL', DONE .. redis.call('ZPOPMIN', ENDED)[1])
  end
  tell_event(OPS[ending.outcome], task, ending)
  redis.call('PUBLISH', ARGV[2] .. task.id, '')
  return raw
end
local function requeue_task(task, due_at, by_owner)
  task.state = 'scheduled'
  task.releasedByOwner = by_owner
  task.dueAt = due_at
  task.announceToken = string.gsub(task.announceToken, '%.%d+$', '') .. '.' .. text(task.attempt)
  save_task(task)
  redis.call('ZREM', LEASE, task.id)
  redis.call('ZREM', RUNNING .. task.scheduler, task.id)
  redis.call('ZADD', WAITING .. task.scheduler, text(-task.scheduledAt), task.id)
  redis.call('ZADD', OUTBOX, text(due_at), task.id)
  tell_event('requeue', task)
end
local function recover_task(task)
  task.failures = task.failures + 1
  local is_past, was_aborting = task.timeout <= now, task.state == 'aborting'
  if not is_past and not was_aborting and task.failures < task.maxAttempts then
    requeue_task(task, now)
    return nil
  end
  local message = 'The task has failed ' .. text(task.failures) .. ' times; the last time its owner ' .. task.instance .. ' vanished.'
  end_task(task, { outcome = 'aborted', reason = cjson.encode({ code = 'lost', message = message }) })
  return is_past and 'expired' or was_aborting and 'aborting' or 'exhausted'
end
local id, token, lease_ms = args[1], args[3], tonumber(args[5])
if now > tonumber(args[2]) then return { 'late' } end
local function granted(task)
  local is_announced = task.contentHash == args[7] and task.timeout == tonumber(args[8])
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
`,
};

/** scripts/confirm-announcement.lua */
export const confirmAnnouncement: Script = {
  name: "confirm-announcement",
  sha1: "93159d9b1fa3ce2869b15da1e1d5d5afcd11cfe2",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, WAITING, RUNNING, NAMES, ENDED, EVENTS = unpack(KEYS)
local args = { unpack(ARGV, 5) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  return value or ''
end
local RECORD_FIELDS = {
  'format', 'state', 'attempt', 'token', 'scheduledAt', 'timeout', 'scheduler', 'instance', 'leaseMs', 'maxAttempts',
  'failures', 'run', 'startedAt', 'dueAt', 'announceToken', 'contentHash', 'retentionMs', 'notBefore', 'traceparent',
  'handle', 'progress', 'abortReason', 'releasedByOwner',
}
local TOMBSTONE_FIELDS = {
  'format', 'contentHash', 'timeout', 'notBefore', 'attempt', 'token', 'closedByOwner', 'scheduler', 'scheduledAt',
  'startedAt', 'instance', 'progress', 'outcome', 'endedAt', 'reason', 'result', 'resultDropped',
}
local NUMBERS = {
  attempt = true, scheduledAt = true, timeout = true, leaseMs = true, maxAttempts = true, failures = true, run = true,
  startedAt = true, dueAt = true, retentionMs = true,
}
local RECORD_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #RECORD_FIELDS) .. '()'
local TOMBSTONE_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #TOMBSTONE_FIELDS) .. '()'
local function unpack_fields(raw, pattern, fields)
  local values = { string.match(raw, pattern) }
  if values[1] ~= '1' then error('MAYFLY unknown format of a record') end
  local object = { bodyAt = values[#fields + 1] }
  for i, field in ipairs(fields) do
    local value = values[i]
    if value ~= '' then object[field] = NUMBERS[field] and tonumber(value) or value end
  end
  return object
end
local function pack_fields(object, fields)
  local lines = {}
  for i, field in ipairs(fields) do lines[i] = text(object[field]) end
  lines[#fields + 1] = ''
  return table.concat(lines, '\\n')
end
local function find_task(id)
  local raw = redis.call('GET', TASK .. id)
  if not raw then return nil end
  local task = unpack_fields(raw, RECORD_PATTERN, RECORD_FIELDS)
  task.id = id
  task.body = string.sub(raw, task.bodyAt)
  return task
end
local function pack_task(task)
  return pack_fields(task, RECORD_FIELDS) .. task.body
end
local function save_task(task)
  redis.call('SET', TASK .. task.id, pack_task(task))
end
local function find_tombstone(id)
  local raw = redis.call('GET', DONE .. id)
  if not raw then return nil end
  return unpack_fields(raw, TOMBSTONE_PATTERN, TOMBSTONE_FIELDS), raw
end
local function is_owned(task)
  return task.state == 'running' or task.state == 'aborting'
end
local task = find_task(args[1])
if not task or task.announceToken ~= args[2] then return { 'other' } end
redis.call('ZREM', OUTBOX, args[1])
return { 'done' }
`,
};

/** scripts/count-tasks.lua */
export const countTasks: Script = {
  name: "count-tasks",
  sha1: "65f48bff3afb94af7f40fb9c9ca1174ed46535ba",
  lua: `#!lua flags=no-writes
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, WAITING, RUNNING, NAMES, ENDED, EVENTS = unpack(KEYS)
local args = { unpack(ARGV, 5) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  return value or ''
end
return { redis.call('ZCARD', WAITING .. args[1]), redis.call('ZCARD', RUNNING .. args[1]) }
`,
};

/** scripts/delist-scheduler.lua */
export const delistScheduler: Script = {
  name: "delist-scheduler",
  sha1: "0a5bec496340b949c85e9c017f48de9a758b264a",
  lua: `#!lua flags=allow-oom
return redis.call('SREM', KEYS[1], ARGV[1])
`,
};

/** scripts/describe-store.lua */
export const describeStore: Script = {
  name: "describe-store",
  sha1: "09519d3af7bf7169cd682c4342e8468af174aea7",
  lua: `#!lua flags=allow-oom
redis.call('HSETNX', KEYS[1], 'format', ARGV[1])
redis.call('HSETNX', KEYS[1], 'shards', ARGV[2])
return redis.call('HMGET', KEYS[1], 'format', 'shards')
`,
};

/** scripts/enlist-scheduler.lua */
export const enlistScheduler: Script = {
  name: "enlist-scheduler",
  sha1: "4df8eee5d81a47e053630c19e4bfbd8e2d3401d3",
  lua: `#!lua flags=allow-oom
return redis.call('SADD', KEYS[1], ARGV[1])
`,
};

/** scripts/expire-tasks.lua */
export const expireTasks: Script = {
  name: "expire-tasks",
  sha1: "d3795f4789f5085a92ae300ff00a47f4ed1c9a82",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, WAITING, RUNNING, NAMES, ENDED, EVENTS = unpack(KEYS)
local args = { unpack(ARGV, 5) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  return value or ''
end
local RECORD_FIELDS = {
  'format', 'state', 'attempt', 'token', 'scheduledAt', 'timeout', 'scheduler', 'instance', 'leaseMs', 'maxAttempts',
  'failures', 'run', 'startedAt', 'dueAt', 'announceToken', 'contentHash', 'retentionMs', 'notBefore', 'traceparent',
  'handle', 'progress', 'abortReason', 'releasedByOwner',
}
local TOMBSTONE_FIELDS = {
  'format', 'contentHash', 'timeout', 'notBefore', 'attempt', 'token', 'closedByOwner', 'scheduler', 'scheduledAt',
  'startedAt', 'instance', 'progress', 'outcome', 'endedAt', 'reason', 'result', 'resultDropped',
}
local NUMBERS = {
  attempt = true, scheduledAt = true, timeout = true, leaseMs = true, maxAttempts = true, failures = true, run = true,
  startedAt = true, dueAt = true, retentionMs = true,
}
local RECORD_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #RECORD_FIELDS) .. '()'
local TOMBSTONE_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #TOMBSTONE_FIELDS) .. '()'
local function unpack_fields(raw, pattern, fields)
  local values = { string.match(raw, pattern) }
  if values[1] ~= '1' then error('MAYFLY unknown format of a record') end
  local object = { bodyAt = values[#fields + 1] }
  for i, field in ipairs(fields) do
    local value = values[i]
    if value ~= '' then object[field] = NUMBERS[field] and tonumber(value) or value end
  end
  return object
end
local function pack_fields(object, fields)
  local lines = {}
  for i, field in ipairs(fields) do lines[i] = text(object[field]) end
  lines[#fields + 1] = ''
  return table.concat(lines, '\\n')
end
local function find_task(id)
  local raw = redis.call('GET', TASK .. id)
  if not raw then return nil end
  local task = unpack_fields(raw, RECORD_PATTERN, RECORD_FIELDS)
  task.id = id
  task.body = string.sub(raw, task.bodyAt)
  return task
end
local function pack_task(task)
  return pack_fields(task, RECORD_FIELDS) .. task.body
end
local function save_task(task)
  redis.call('SET', TASK .. task.id, pack_task(task))
end
local function find_tombstone(id)
  local raw = redis.call('GET', DONE .. id)
  if not raw then return nil end
  return unpack_fields(raw, TOMBSTONE_PATTERN, TOMBSTONE_FIELDS), raw
end
local function is_owned(task)
  return task.state == 'running' or task.state == 'aborting'
end
local function tell_event(op, task, ending)
  local fields = { 'op', op, 'id', task.id, 'scheduler', task.scheduler, 'at', text(now) }
  local function add(name, value)
    if value then
      fields[#fields + 1] = name
      fields[#fields + 1] = text(value)
    end
  end
  if op ~= 'add' and task.attempt > 0 then
    add('attempt', task.attempt)
    add('instance', task.instance)
  end
  if ending then
    add('outcome', ending.outcome)
    add('reason', ending.reason)
  end
  redis.call('XADD', EVENTS, 'MAXLEN', '~', ARGV[3], '*', unpack(fields))
end
local OPS = { complete = 'complete', aborted = 'abort', timeout = 'timeout' }
local function tell_stop(task, stop)
  local hint = '{"stop":"' .. stop .. '","id":"' .. task.id .. '","attempt":' .. text(task.attempt) .. '}'
  redis.call('PUBLISH', ARGV[1] .. task.instance, hint)
end
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
    redis.call('ZREM', WAITING .. task.scheduler, task.id)
  end
  if redis.call('EXISTS', WAITING .. task.scheduler, RUNNING .. task.scheduler) == 0 then
    redis.call('SREM', NAMES, task.scheduler)
  end
  local tombstone = {}
  for _, field in ipairs(TOMBSTONE_FIELDS) do tombstone[field] = task[field] end
  for field, value in pairs(ending) do tombstone[field] = value end
  tombstone.endedAt = now
  tombstone.closedByOwner = by_owner
  local raw = pack_fields(tombstone, TOMBSTONE_FIELDS)
  redis.call('SET', DONE .. task.id, raw, 'PX', text(task.retentionMs))
  redis.call('ZADD', ENDED, text(now + task.retentionMs), task.id)
  if redis.call('PTTL', ENDED) < task.retentionMs then redis.call('PEXPIRE', ENDED, text(task.retentionMs)) end
  local expired = redis.call('ZRANGE', ENDED, '-inf', text(now), 'BYSCORE', 'LIMIT', 0, 10)
  if #expired > 0 then redis.call('ZREM', ENDED, unpack(expired)) end
  if redis.call('ZCARD', ENDED) > tonumber(ARGV[4]) then
    redis.call('DEL', DONE .. redis.call('ZPOPMIN', ENDED)[1])
  end
  tell_event(OPS[ending.outcome], task, ending)
  redis.call('PUBLISH', ARGV[2] .. task.id, '')
  return raw
end
local function next_due(index)
  local first = redis.call('ZRANGE', index, 0, 0, 'WITHSCORES')
  if #first == 0 then return '' end
  return math.max(0, tonumber(first[2]) - now)
end
local answer = { '' }
for _, id in ipairs(redis.call('ZRANGE', TIMEOUT, '-inf', text(now), 'BYSCORE', 'LIMIT', 0, args[1])) do
  local task = find_task(id)
  if task then
    end_task(task, { outcome = 'timeout' })
    answer[#answer + 1] = id
  else
    redis.call('ZREM', TIMEOUT, id)
  end
end
answer[1] = next_due(TIMEOUT)
return answer
`,
};

/** scripts/find-registration.lua */
export const findRegistration: Script = {
  name: "find-registration",
  sha1: "4b7dce4422e2208444160429b108445333bfb1b4",
  lua: `#!lua flags=no-writes
local REGISTRATION, INSTANCES, EXPIRY = KEYS[1], KEYS[2], KEYS[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  return string.format('%.0f', value)
end
return redis.call('HGETALL', REGISTRATION)
`,
};

/** scripts/find-task.lua */
export const findTask: Script = {
  name: "find-task",
  sha1: "92afe74ed7ba25338855e901b6170cb615e31e40",
  lua: `#!lua flags=no-writes
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, WAITING, RUNNING, NAMES, ENDED, EVENTS = unpack(KEYS)
local args = { unpack(ARGV, 5) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  return value or ''
end
local record = redis.call('GET', TASK .. args[1])
if record then return { 'live', record } end
local tombstone = redis.call('GET', DONE .. args[1])
if tombstone then return { 'done', tombstone } end
return { 'unknown' }
`,
};

/** scripts/finish-task.lua */
export const finishTask: Script = {
  name: "finish-task",
  sha1: "588800f75f724b509784d3d8c596895f4bfe922c",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, WAITING, RUNNING, NAMES, ENDED, EVENTS = unpack(KEYS)
local args = { unpack(ARGV, 5) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  return value or ''
end
local RECORD_FIELDS = {
  'format', 'state', 'attempt', 'token', 'scheduledAt', 'timeout', 'scheduler', 'instance', 'leaseMs', 'maxAttempts',
  'failures', 'run', 'startedAt', 'dueAt', 'announceToken', 'contentHash', 'retentionMs', 'notBefore', 'traceparent',
  'handle', 'progress', 'abortReason', 'releasedByOwner',
}
local TOMBSTONE_FIELDS = {
  'format', 'contentHash', 'timeout', 'notBefore', 'attempt', 'token', 'closedByOwner', 'scheduler', 'scheduledAt',
  'startedAt', 'instance', 'progress', 'outcome', 'endedAt', 'reason', 'result', 'resultDropped',
}
local NUMBERS = {
  attempt = true, scheduledAt = true, timeout = true, leaseMs = true, maxAttempts = true, failures = true, run = true,
  startedAt = true, dueAt = true, retentionMs = true,
}
local RECORD_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #RECORD_FIELDS) .. '()'
local TOMBSTONE_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #TOMBSTONE_FIELDS) .. '()'
local function unpack_fields(raw, pattern, fields)
  local values = { string.match(raw, pattern) }
  if values[1] ~= '1' then error('MAYFLY unknown format of a record') end
  local object = { bodyAt = values[#fields + 1] }
  for i, field in ipairs(fields) do
    local value = values[i]
    if value ~= '' then object[field] = NUMBERS[field] and tonumber(value) or value end
  end
  return object
end
local function pack_fields(object, fields)
  local lines = {}
  for i, field in ipairs(fields) do lines[i] = text(object[field]) end
  lines[#fields + 1] = ''
  return table.concat(lines, '\\n')
end
local function find_task(id)
  local raw = redis.call('GET', TASK .. id)
  if not raw then return nil end
  local task = unpack_fields(raw, RECORD_PATTERN, RECORD_FIELDS)
  task.id = id
  task.body = string.sub(raw, task.bodyAt)
  return task
end
local function pack_task(task)
  return pack_fields(task, RECORD_FIELDS) .. task.body
end
local function save_task(task)
  redis.call('SET', TASK .. task.id, pack_task(task))
end
local function find_tombstone(id)
  local raw = redis.call('GET', DONE .. id)
  if not raw then return nil end
  return unpack_fields(raw, TOMBSTONE_PATTERN, TOMBSTONE_FIELDS), raw
end
local function is_owned(task)
  return task.state == 'running' or task.state == 'aborting'
end
local function tell_event(op, task, ending)
  local fields = { 'op', op, 'id', task.id, 'scheduler', task.scheduler, 'at', text(now) }
  local function add(name, value)
    if value then
      fields[#fields + 1] = name
      fields[#fields + 1] = text(value)
    end
  end
  if op ~= 'add' and task.attempt > 0 then
    add('attempt', task.attempt)
    add('instance', task.instance)
  end
  if ending then
    add('outcome', ending.outcome)
    add('reason', ending.reason)
  end
  redis.call('XADD', EVENTS, 'MAXLEN', '~', ARGV[3], '*', unpack(fields))
end
local OPS = { complete = 'complete', aborted = 'abort', timeout = 'timeout' }
local function tell_stop(task, stop)
  local hint = '{"stop":"' .. stop .. '","id":"' .. task.id .. '","attempt":' .. text(task.attempt) .. '}'
  redis.call('PUBLISH', ARGV[1] .. task.instance, hint)
end
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
    redis.call('ZREM', WAITING .. task.scheduler, task.id)
  end
  if redis.call('EXISTS', WAITING .. task.scheduler, RUNNING .. task.scheduler) == 0 then
    redis.call('SREM', NAMES, task.scheduler)
  end
  local tombstone = {}
  for _, field in ipairs(TOMBSTONE_FIELDS) do tombstone[field] = task[field] end
  for field, value in pairs(ending) do tombstone[field] = value end
  tombstone.endedAt = now
  tombstone.closedByOwner = by_owner
  local raw = pack_fields(tombstone, TOMBSTONE_FIELDS)
  redis.call('SET', DONE .. task.id, raw, 'PX', text(task.retentionMs))
  redis.call('ZADD', ENDED, text(now + task.retentionMs), task.id)
  if redis.call('PTTL', ENDED) < task.retentionMs then redis.call('PEXPIRE', ENDED, text(task.retentionMs)) end
  local expired = redis.call('ZRANGE', ENDED, '-inf', text(now), 'BYSCORE', 'LIMIT', 0, 10)
  if #expired > 0 then redis.call('ZREM', ENDED, unpack(expired)) end
  if redis.call('ZCARD', ENDED) > tonumber(ARGV[4]) then
    redis.call('DEL', DONE .. redis.call('ZPOPMIN', ENDED)[1])
  end
  tell_event(OPS[ending.outcome], task, ending)
  redis.call('PUBLISH', ARGV[2] .. task.id, '')
  return raw
end
local function find_owned(id, attempt, token)
  local task = find_task(id)
  if task then
    if task.attempt ~= attempt or task.token ~= token then return nil, 'stale' end
    if is_owned(task) then return task end
    return nil, 'stale', nil, task.releasedByOwner
  end
  local tombstone, raw = find_tombstone(id)
  if not tombstone then return nil, 'gone' end
  if tombstone.attempt ~= attempt or tombstone.token ~= token then return nil, 'stale' end
  return nil, 'gone', tombstone.closedByOwner and raw
end
local task, refusal, tombstone = find_owned(args[1], tonumber(args[2]), args[3])
if tombstone then return { 'ended', tombstone } end
if not task then return { refusal } end
local ending = { outcome = args[4], result = args[5], resultDropped = args[6], reason = args[7] ~= '' and args[7] or nil }
return { 'ended', end_task(task, ending, '1') }
`,
};

/** scripts/leave-instance.lua */
export const leaveInstance: Script = {
  name: "leave-instance",
  sha1: "7670c766cba23471b0126a1869eaab8e3759706d",
  lua: `#!lua flags=allow-oom
local REGISTRATION, INSTANCES, EXPIRY = KEYS[1], KEYS[2], KEYS[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  return string.format('%.0f', value)
end
redis.call('ZREM', EXPIRY, ARGV[1])
redis.call('HDEL', INSTANCES, ARGV[1])
return { 'ok' }
`,
};

/** scripts/list-instances.lua */
export const listInstances: Script = {
  name: "list-instances",
  sha1: "1e6a372f2b132b6c7647136d3fdc2e0a2dd10f12",
  lua: `#!lua flags=no-writes
local REGISTRATION, INSTANCES, EXPIRY = KEYS[1], KEYS[2], KEYS[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  return string.format('%.0f', value)
end
local living = redis.call('ZRANGE', EXPIRY, '(' .. text(now), '+inf', 'BYSCORE')
if #living == 0 then return {} end
return redis.call('HMGET', INSTANCES, unpack(living))
`,
};

/** scripts/list-schedulers.lua */
export const listSchedulers: Script = {
  name: "list-schedulers",
  sha1: "6ba1f77613419498ea42b6c1577b2c629a36b6df",
  lua: `#!lua flags=no-writes
return redis.call('SMEMBERS', KEYS[1])
`,
};

/** scripts/list-tasks.lua */
export const listTasks: Script = {
  name: "list-tasks",
  sha1: "9bc1d08ddbae4764614af992fad720a96dea6d25",
  lua: `#!lua flags=no-writes
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, WAITING, RUNNING, NAMES, ENDED, EVENTS = unpack(KEYS)
local args = { unpack(ARGV, 5) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  return value or ''
end
local RECORD_FIELDS = {
  'format', 'state', 'attempt', 'token', 'scheduledAt', 'timeout', 'scheduler', 'instance', 'leaseMs', 'maxAttempts',
  'failures', 'run', 'startedAt', 'dueAt', 'announceToken', 'contentHash', 'retentionMs', 'notBefore', 'traceparent',
  'handle', 'progress', 'abortReason', 'releasedByOwner',
}
local TOMBSTONE_FIELDS = {
  'format', 'contentHash', 'timeout', 'notBefore', 'attempt', 'token', 'closedByOwner', 'scheduler', 'scheduledAt',
  'startedAt', 'instance', 'progress', 'outcome', 'endedAt', 'reason', 'result', 'resultDropped',
}
local NUMBERS = {
  attempt = true, scheduledAt = true, timeout = true, leaseMs = true, maxAttempts = true, failures = true, run = true,
  startedAt = true, dueAt = true, retentionMs = true,
}
local RECORD_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #RECORD_FIELDS) .. '()'
local TOMBSTONE_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #TOMBSTONE_FIELDS) .. '()'
local function unpack_fields(raw, pattern, fields)
  local values = { string.match(raw, pattern) }
  if values[1] ~= '1' then error('MAYFLY unknown format of a record') end
  local object = { bodyAt = values[#fields + 1] }
  for i, field in ipairs(fields) do
    local value = values[i]
    if value ~= '' then object[field] = NUMBERS[field] and tonumber(value) or value end
  end
  return object
end
local function pack_fields(object, fields)
  local lines = {}
  for i, field in ipairs(fields) do lines[i] = text(object[field]) end
  lines[#fields + 1] = ''
  return table.concat(lines, '\\n')
end
local function find_task(id)
  local raw = redis.call('GET', TASK .. id)
  if not raw then return nil end
  local task = unpack_fields(raw, RECORD_PATTERN, RECORD_FIELDS)
  task.id = id
  task.body = string.sub(raw, task.bodyAt)
  return task
end
local function pack_task(task)
  return pack_fields(task, RECORD_FIELDS) .. task.body
end
local function save_task(task)
  redis.call('SET', TASK .. task.id, pack_task(task))
end
local function find_tombstone(id)
  local raw = redis.call('GET', DONE .. id)
  if not raw then return nil end
  return unpack_fields(raw, TOMBSTONE_PATTERN, TOMBSTONE_FIELDS), raw
end
local function is_owned(task)
  return task.state == 'running' or task.state == 'aborting'
end
local limit, after, after_id = tonumber(args[3]), args[4], args[5]
local families = { WAITING, RUNNING }
if args[2] == 'scheduled' then families = { WAITING } elseif args[2] ~= '' then families = { RUNNING } end
local entries = {}
local function collect(index)
  local offset, found = 0, 0
  repeat
    local chunk = redis.call('ZRANGE', index, after, '+inf', 'BYSCORE', 'LIMIT', offset, limit, 'WITHSCORES')
    for i = 1, #chunk, 2 do
      if chunk[i + 1] ~= after or chunk[i] > after_id then
        entries[#entries + 1] = { id = chunk[i], score = tonumber(chunk[i + 1]) }
        found = found + 1
      end
    end
    offset = offset + limit
  until found >= limit or #chunk < 2 * limit
end
local names = args[1] ~= '' and { args[1] } or redis.call('SMEMBERS', NAMES)
for _, name in ipairs(names) do
  for _, family in ipairs(families) do collect(family .. name) end
end
table.sort(entries, function(a, b)
  if a.score ~= b.score then return a.score < b.score end
  return a.id < b.id
end)
local answer = { '', '' }
for i = 1, math.min(limit, #entries) do
  local raw = redis.call('GET', TASK .. entries[i].id)
  if raw then
    local task = unpack_fields(raw, RECORD_PATTERN, RECORD_FIELDS)
    if args[2] == '' or args[2] == task.state then
      answer[#answer + 1] = entries[i].id
      answer[#answer + 1] = string.sub(raw, 1, task.bodyAt - 1)
    end
  end
end
if #entries >= limit then
  answer[1] = text(entries[limit].score)
  answer[2] = entries[limit].id
end
return answer
`,
};

/** scripts/read-events.lua */
export const readEvents: Script = {
  name: "read-events",
  sha1: "269bbb36d4ae390b0da862edd586bb350489528b",
  lua: `#!lua flags=no-writes
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, WAITING, RUNNING, NAMES, ENDED, EVENTS = unpack(KEYS)
local args = { unpack(ARGV, 5) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  return value or ''
end
return redis.call('XRANGE', EVENTS, '(' .. args[1], '+', 'COUNT', args[2])
`,
};

/** scripts/read-server.lua */
export const readServer: Script = {
  name: "read-server",
  sha1: "d8e6a749ed4fcf4e97cf25781e92a8e7cdfcf325",
  lua: `#!lua flags=no-writes
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, WAITING, RUNNING, NAMES, ENDED, EVENTS = unpack(KEYS)
local args = { unpack(ARGV, 5) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  return value or ''
end
return { redis.call('INFO', 'persistence') .. redis.call('INFO', 'memory') }
`,
};

/** scripts/read-time.lua */
export const readTime: Script = {
  name: "read-time",
  sha1: "cc0816a1103b2ade0583f4f0da7aeb10ab5afe97",
  lua: `#!lua flags=no-writes
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, WAITING, RUNNING, NAMES, ENDED, EVENTS = unpack(KEYS)
local args = { unpack(ARGV, 5) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  return value or ''
end
return { now }
`,
};

/** scripts/recover-tasks.lua */
export const recoverTasks: Script = {
  name: "recover-tasks",
  sha1: "a28886823cc5207c6f24064641a7968999a91b60",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, WAITING, RUNNING, NAMES, ENDED, EVENTS = unpack(KEYS)
local args = { unpack(ARGV, 5) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  return value or ''
end
local RECORD_FIELDS = {
  'format', 'state', 'attempt', 'token', 'scheduledAt', 'timeout', 'scheduler', 'instance', 'leaseMs', 'maxAttempts',
  'failures', 'run', 'startedAt', 'dueAt', 'announceToken', 'contentHash', 'retentionMs', 'notBefore', 'traceparent',
  'handle', 'progress', 'abortReason', 'releasedByOwner',
}
local TOMBSTONE_FIELDS = {
  'format', 'contentHash', 'timeout', 'notBefore', 'attempt', 'token', 'closedByOwner', 'scheduler', 'scheduledAt',
  'startedAt', 'instance', 'progress', 'outcome', 'endedAt', 'reason', 'result', 'resultDropped',
}
local NUMBERS = {
  attempt = true, scheduledAt = true, timeout = true, leaseMs = true, maxAttempts = true, failures = true, run = true,
  startedAt = true, dueAt = true, retentionMs = true,
}
local RECORD_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #RECORD_FIELDS) .. '()'
local TOMBSTONE_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #TOMBSTONE_FIELDS) .. '()'
local function unpack_fields(raw, pattern, fields)
  local values = { string.match(raw, pattern) }
  if values[1] ~= '1' then error('MAYFLY unknown format of a record') end
  local object = { bodyAt = values[#fields + 1] }
  for i, field in ipairs(fields) do
    local value = values[i]
    if value ~= '' then object[field] = NUMBERS[field] and tonumber(value) or value end
  end
  return object
end
local function pack_fields(object, fields)
  local lines = {}
  for i, field in ipairs(fields) do lines[i] = text(object[field]) end
  lines[#fields + 1] = ''
  return table.concat(lines, '\\n')
end
local function find_task(id)
  local raw = redis.call('GET', TASK .. id)
  if not raw then return nil end
  local task = unpack_fields(raw, RECORD_PATTERN, RECORD_FIELDS)
  task.id = id
  task.body = string.sub(raw, task.bodyAt)
  return task
end
local function pack_task(task)
  return pack_fields(task, RECORD_FIELDS) .. task.body
end
local function save_task(task)
  redis.call('SET', TASK .. task.id, pack_task(task))
end
local function find_tombstone(id)
  local raw = redis.call('GET', DONE .. id)
  if not raw then return nil end
  return unpack_fields(raw, TOMBSTONE_PATTERN, TOMBSTONE_FIELDS), raw
end
local function is_owned(task)
  return task.state == 'running' or task.state == 'aborting'
end
local function tell_event(op, task, ending)
  local fields = { 'op', op, 'id', task.id, 'scheduler', task.scheduler, 'at', text(now) }
  local function add(name, value)
    if value then
      fields[#fields + 1] = name
      fields[#fields + 1] = text(value)
    end
  end
  if op ~= 'add' and task.attempt > 0 then
    add('attempt', task.attempt)
    add('instance', task.instance)
  end
  if ending then
    add('outcome', ending.outcome)
    add('reason', ending.reason)
  end
  redis.call('XADD', EVENTS, 'MAXLEN', '~', ARGV[3], '*', unpack(fields))
end
local OPS = { complete = 'complete', aborted = 'abort', timeout = 'timeout' }
local function tell_stop(task, stop)
  local hint = '{"stop":"' .. stop .. '","id":"' .. task.id .. '","attempt":' .. text(task.attempt) .. '}'
  redis.call('PUBLISH', ARGV[1] .. task.instance, hint)
end
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
    redis.call('ZREM', WAITING .. task.scheduler, task.id)
  end
  if redis.call('EXISTS', WAITING .. task.scheduler, RUNNING .. task.scheduler) == 0 then
    redis.call('SREM', NAMES, task.scheduler)
  end
  local tombstone = {}
  for _, field in ipairs(TOMBSTONE_FIELDS) do tombstone[field] = task[field] end
  for field, value in pairs(ending) do tombstone[field] = value end
  tombstone.endedAt = now
  tombstone.closedByOwner = by_owner
  local raw = pack_fields(tombstone, TOMBSTONE_FIELDS)
  redis.call('SET', DONE .. task.id, raw, 'PX', text(task.retentionMs))
  redis.call('ZADD', ENDED, text(now + task.retentionMs), task.id)
  if redis.call('PTTL', ENDED) < task.retentionMs then redis.call('PEXPIRE', ENDED, text(task.retentionMs)) end
  local expired = redis.call('ZRANGE', ENDED, '-inf', text(now), 'BYSCORE', 'LIMIT', 0, 10)
  if #expired > 0 then redis.call('ZREM', ENDED, unpack(expired)) end
  if redis.call('ZCARD', ENDED) > tonumber(ARGV[4]) then
    redis.call('DEL', DONE .. redis.call('ZPOPMIN', ENDED)[1])
  end
  tell_event(OPS[ending.outcome], task, ending)
  redis.call('PUBLISH', ARGV[2] .. task.id, '')
  return raw
end
local function requeue_task(task, due_at, by_owner)
  task.state = 'scheduled'
  task.releasedByOwner = by_owner
  task.dueAt = due_at
  task.announceToken = string.gsub(task.announceToken, '%.%d+$', '') .. '.' .. text(task.attempt)
  save_task(task)
  redis.call('ZREM', LEASE, task.id)
  redis.call('ZREM', RUNNING .. task.scheduler, task.id)
  redis.call('ZADD', WAITING .. task.scheduler, text(-task.scheduledAt), task.id)
  redis.call('ZADD', OUTBOX, text(due_at), task.id)
  tell_event('requeue', task)
end
local function recover_task(task)
  task.failures = task.failures + 1
  local is_past, was_aborting = task.timeout <= now, task.state == 'aborting'
  if not is_past and not was_aborting and task.failures < task.maxAttempts then
    requeue_task(task, now)
    return nil
  end
  local message = 'The task has failed ' .. text(task.failures) .. ' times; the last time its owner ' .. task.instance .. ' vanished.'
  end_task(task, { outcome = 'aborted', reason = cjson.encode({ code = 'lost', message = message }) })
  return is_past and 'expired' or was_aborting and 'aborting' or 'exhausted'
end
local function next_due(index)
  local first = redis.call('ZRANGE', index, 0, 0, 'WITHSCORES')
  if #first == 0 then return '' end
  return math.max(0, tonumber(first[2]) - now)
end
local answer = { '' }
for _, id in ipairs(redis.call('ZRANGE', LEASE, '-inf', text(now), 'BYSCORE', 'LIMIT', 0, args[1])) do
  local task = find_task(id)
  if task then
    recover_task(task)
    answer[#answer + 1] = id
  else
    redis.call('ZREM', LEASE, id)
  end
end
answer[1] = next_due(LEASE)
return answer
`,
};

/** scripts/register-scheduler.lua */
export const registerScheduler: Script = {
  name: "register-scheduler",
  sha1: "8478604cb1c29a86e5d81322a8f0b7d9f023a026",
  lua: `#!lua
local REGISTRATION, INSTANCES, EXPIRY = KEYS[1], KEYS[2], KEYS[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  return string.format('%.0f', value)
end
local created = 1 - redis.call('EXISTS', REGISTRATION)
redis.call('HSET', REGISTRATION, 'format', '1', unpack(ARGV))
return { created, unpack(redis.call('HGETALL', REGISTRATION)) }
`,
};

/** scripts/release-task.lua */
export const releaseTask: Script = {
  name: "release-task",
  sha1: "28642fcdd04d95a5d92e8ccbb1e0dffb6a594edb",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, WAITING, RUNNING, NAMES, ENDED, EVENTS = unpack(KEYS)
local args = { unpack(ARGV, 5) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  return value or ''
end
local RECORD_FIELDS = {
  'format', 'state', 'attempt', 'token', 'scheduledAt', 'timeout', 'scheduler', 'instance', 'leaseMs', 'maxAttempts',
  'failures', 'run', 'startedAt', 'dueAt', 'announceToken', 'contentHash', 'retentionMs', 'notBefore', 'traceparent',
  'handle', 'progress', 'abortReason', 'releasedByOwner',
}
local TOMBSTONE_FIELDS = {
  'format', 'contentHash', 'timeout', 'notBefore', 'attempt', 'token', 'closedByOwner', 'scheduler', 'scheduledAt',
  'startedAt', 'instance', 'progress', 'outcome', 'endedAt', 'reason', 'result', 'resultDropped',
}
local NUMBERS = {
  attempt = true, scheduledAt = true, timeout = true, leaseMs = true, maxAttempts = true, failures = true, run = true,
  startedAt = true, dueAt = true, retentionMs = true,
}
local RECORD_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #RECORD_FIELDS) .. '()'
local TOMBSTONE_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #TOMBSTONE_FIELDS) .. '()'
local function unpack_fields(raw, pattern, fields)
  local values = { string.match(raw, pattern) }
  if values[1] ~= '1' then error('MAYFLY unknown format of a record') end
  local object = { bodyAt = values[#fields + 1] }
  for i, field in ipairs(fields) do
    local value = values[i]
    if value ~= '' then object[field] = NUMBERS[field] and tonumber(value) or value end
  end
  return object
end
local function pack_fields(object, fields)
  local lines = {}
  for i, field in ipairs(fields) do lines[i] = text(object[field]) end
  lines[#fields + 1] = ''
  return table.concat(lines, '\\n')
end
local function find_task(id)
  local raw = redis.call('GET', TASK .. id)
  if not raw then return nil end
  local task = unpack_fields(raw, RECORD_PATTERN, RECORD_FIELDS)
  task.id = id
  task.body = string.sub(raw, task.bodyAt)
  return task
end
local function pack_task(task)
  return pack_fields(task, RECORD_FIELDS) .. task.body
end
local function save_task(task)
  redis.call('SET', TASK .. task.id, pack_task(task))
end
local function find_tombstone(id)
  local raw = redis.call('GET', DONE .. id)
  if not raw then return nil end
  return unpack_fields(raw, TOMBSTONE_PATTERN, TOMBSTONE_FIELDS), raw
end
local function is_owned(task)
  return task.state == 'running' or task.state == 'aborting'
end
local function tell_event(op, task, ending)
  local fields = { 'op', op, 'id', task.id, 'scheduler', task.scheduler, 'at', text(now) }
  local function add(name, value)
    if value then
      fields[#fields + 1] = name
      fields[#fields + 1] = text(value)
    end
  end
  if op ~= 'add' and task.attempt > 0 then
    add('attempt', task.attempt)
    add('instance', task.instance)
  end
  if ending then
    add('outcome', ending.outcome)
    add('reason', ending.reason)
  end
  redis.call('XADD', EVENTS, 'MAXLEN', '~', ARGV[3], '*', unpack(fields))
end
local OPS = { complete = 'complete', aborted = 'abort', timeout = 'timeout' }
local function tell_stop(task, stop)
  local hint = '{"stop":"' .. stop .. '","id":"' .. task.id .. '","attempt":' .. text(task.attempt) .. '}'
  redis.call('PUBLISH', ARGV[1] .. task.instance, hint)
end
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
    redis.call('ZREM', WAITING .. task.scheduler, task.id)
  end
  if redis.call('EXISTS', WAITING .. task.scheduler, RUNNING .. task.scheduler) == 0 then
    redis.call('SREM', NAMES, task.scheduler)
  end
  local tombstone = {}
  for _, field in ipairs(TOMBSTONE_FIELDS) do tombstone[field] = task[field] end
  for field, value in pairs(ending) do tombstone[field] = value end
  tombstone.endedAt = now
  tombstone.closedByOwner = by_owner
  local raw = pack_fields(tombstone, TOMBSTONE_FIELDS)
  redis.call('SET', DONE .. task.id, raw, 'PX', text(task.retentionMs))
  redis.call('ZADD', ENDED, text(now + task.retentionMs), task.id)
  if redis.call('PTTL', ENDED) < task.retentionMs then redis.call('PEXPIRE', ENDED, text(task.retentionMs)) end
  local expired = redis.call('ZRANGE', ENDED, '-inf', text(now), 'BYSCORE', 'LIMIT', 0, 10)
  if #expired > 0 then redis.call('ZREM', ENDED, unpack(expired)) end
  if redis.call('ZCARD', ENDED) > tonumber(ARGV[4]) then
    redis.call('DEL', DONE .. redis.call('ZPOPMIN', ENDED)[1])
  end
  tell_event(OPS[ending.outcome], task, ending)
  redis.call('PUBLISH', ARGV[2] .. task.id, '')
  return raw
end
local function requeue_task(task, due_at, by_owner)
  task.state = 'scheduled'
  task.releasedByOwner = by_owner
  task.dueAt = due_at
  task.announceToken = string.gsub(task.announceToken, '%.%d+$', '') .. '.' .. text(task.attempt)
  save_task(task)
  redis.call('ZREM', LEASE, task.id)
  redis.call('ZREM', RUNNING .. task.scheduler, task.id)
  redis.call('ZADD', WAITING .. task.scheduler, text(-task.scheduledAt), task.id)
  redis.call('ZADD', OUTBOX, text(due_at), task.id)
  tell_event('requeue', task)
end
local function recover_task(task)
  task.failures = task.failures + 1
  local is_past, was_aborting = task.timeout <= now, task.state == 'aborting'
  if not is_past and not was_aborting and task.failures < task.maxAttempts then
    requeue_task(task, now)
    return nil
  end
  local message = 'The task has failed ' .. text(task.failures) .. ' times; the last time its owner ' .. task.instance .. ' vanished.'
  end_task(task, { outcome = 'aborted', reason = cjson.encode({ code = 'lost', message = message }) })
  return is_past and 'expired' or was_aborting and 'aborting' or 'exhausted'
end
local function find_owned(id, attempt, token)
  local task = find_task(id)
  if task then
    if task.attempt ~= attempt or task.token ~= token then return nil, 'stale' end
    if is_owned(task) then return task end
    return nil, 'stale', nil, task.releasedByOwner
  end
  local tombstone, raw = find_tombstone(id)
  if not tombstone then return nil, 'gone' end
  if tombstone.attempt ~= attempt or tombstone.token ~= token then return nil, 'stale' end
  return nil, 'gone', tombstone.closedByOwner and raw
end
local task, refusal, tombstone, released = find_owned(args[1], tonumber(args[2]), args[3])
if tombstone then return { 'ended', tombstone } end
if released then return { 'released' } end
if not task then return { refusal } end
local cause = args[4]
if cause == 'retry' then task.failures = task.failures + 1 end
local is_used_up = cause == 'retry' and task.failures >= task.maxAttempts
if is_used_up or task.state == 'aborting' or task.timeout <= now then
  return { 'ended', end_task(task, { outcome = 'aborted', reason = args[6] }, '1') }
end
if cause ~= 'hand_over' then
  task.run = task.run + 1
  task.handle = nil
end
requeue_task(task, now + tonumber(args[5]), '1')
return { 'released' }
`,
};

/** scripts/remove-registration.lua */
export const removeRegistration: Script = {
  name: "remove-registration",
  sha1: "c221b6aadcb56749828b67b95e6a49241b193c31",
  lua: `#!lua flags=allow-oom
local REGISTRATION, INSTANCES, EXPIRY = KEYS[1], KEYS[2], KEYS[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  return string.format('%.0f', value)
end
if redis.call('EXISTS', REGISTRATION) == 0 then return { 'unknown' } end
if redis.call('ZCOUNT', EXPIRY, '(' .. text(now), '+inf') > 0 then return { 'busy' } end
redis.call('DEL', REGISTRATION, INSTANCES, EXPIRY)
return { 'removed' }
`,
};

/** scripts/renew-leases.lua */
export const renewLeases: Script = {
  name: "renew-leases",
  sha1: "2bcbd3c9ac40d28e86e75122e91ed0937f737e44",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, WAITING, RUNNING, NAMES, ENDED, EVENTS = unpack(KEYS)
local args = { unpack(ARGV, 5) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  return value or ''
end
local RECORD_FIELDS = {
  'format', 'state', 'attempt', 'token', 'scheduledAt', 'timeout', 'scheduler', 'instance', 'leaseMs', 'maxAttempts',
  'failures', 'run', 'startedAt', 'dueAt', 'announceToken', 'contentHash', 'retentionMs', 'notBefore', 'traceparent',
  'handle', 'progress', 'abortReason', 'releasedByOwner',
}
local TOMBSTONE_FIELDS = {
  'format', 'contentHash', 'timeout', 'notBefore', 'attempt', 'token', 'closedByOwner', 'scheduler', 'scheduledAt',
  'startedAt', 'instance', 'progress', 'outcome', 'endedAt', 'reason', 'result', 'resultDropped',
}
local NUMBERS = {
  attempt = true, scheduledAt = true, timeout = true, leaseMs = true, maxAttempts = true, failures = true, run = true,
  startedAt = true, dueAt = true, retentionMs = true,
}
local RECORD_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #RECORD_FIELDS) .. '()'
local TOMBSTONE_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #TOMBSTONE_FIELDS) .. '()'
local function unpack_fields(raw, pattern, fields)
  local values = { string.match(raw, pattern) }
  if values[1] ~= '1' then error('MAYFLY unknown format of a record') end
  local object = { bodyAt = values[#fields + 1] }
  for i, field in ipairs(fields) do
    local value = values[i]
    if value ~= '' then object[field] = NUMBERS[field] and tonumber(value) or value end
  end
  return object
end
local function pack_fields(object, fields)
  local lines = {}
  for i, field in ipairs(fields) do lines[i] = text(object[field]) end
  lines[#fields + 1] = ''
  return table.concat(lines, '\\n')
end
local function find_task(id)
  local raw = redis.call('GET', TASK .. id)
  if not raw then return nil end
  local task = unpack_fields(raw, RECORD_PATTERN, RECORD_FIELDS)
  task.id = id
  task.body = string.sub(raw, task.bodyAt)
  return task
end
local function pack_task(task)
  return pack_fields(task, RECORD_FIELDS) .. task.body
end
local function save_task(task)
  redis.call('SET', TASK .. task.id, pack_task(task))
end
local function find_tombstone(id)
  local raw = redis.call('GET', DONE .. id)
  if not raw then return nil end
  return unpack_fields(raw, TOMBSTONE_PATTERN, TOMBSTONE_FIELDS), raw
end
local function is_owned(task)
  return task.state == 'running' or task.state == 'aborting'
end
local function find_owned(id, attempt, token)
  local task = find_task(id)
  if task then
    if task.attempt ~= attempt or task.token ~= token then return nil, 'stale' end
    if is_owned(task) then return task end
    return nil, 'stale', nil, task.releasedByOwner
  end
  local tombstone, raw = find_tombstone(id)
  if not tombstone then return nil, 'gone' end
  if tombstone.attempt ~= attempt or tombstone.token ~= token then return nil, 'stale' end
  return nil, 'gone', tombstone.closedByOwner and raw
end
if now > tonumber(args[1]) then return { 'late' } end
local answers = {}
for i = 2, #args, 3 do
  local task, refusal = find_owned(args[i], tonumber(args[i + 1]), args[i + 2])
  if task then
    redis.call('ZADD', LEASE, text(now + task.leaseMs), task.id)
    answers[#answers + 1] = task.state == 'aborting' and 'stop' or 'ok'
    answers[#answers + 1] = math.max(0, task.timeout - now)
  else
    answers[#answers + 1] = refusal
    answers[#answers + 1] = 0
  end
end
return answers
`,
};

/** scripts/report-progress.lua */
export const reportProgress: Script = {
  name: "report-progress",
  sha1: "bca9aa84301da513b2e93be624de83aeaa016143",
  lua: `#!lua
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, WAITING, RUNNING, NAMES, ENDED, EVENTS = unpack(KEYS)
local args = { unpack(ARGV, 5) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  return value or ''
end
local RECORD_FIELDS = {
  'format', 'state', 'attempt', 'token', 'scheduledAt', 'timeout', 'scheduler', 'instance', 'leaseMs', 'maxAttempts',
  'failures', 'run', 'startedAt', 'dueAt', 'announceToken', 'contentHash', 'retentionMs', 'notBefore', 'traceparent',
  'handle', 'progress', 'abortReason', 'releasedByOwner',
}
local TOMBSTONE_FIELDS = {
  'format', 'contentHash', 'timeout', 'notBefore', 'attempt', 'token', 'closedByOwner', 'scheduler', 'scheduledAt',
  'startedAt', 'instance', 'progress', 'outcome', 'endedAt', 'reason', 'result', 'resultDropped',
}
local NUMBERS = {
  attempt = true, scheduledAt = true, timeout = true, leaseMs = true, maxAttempts = true, failures = true, run = true,
  startedAt = true, dueAt = true, retentionMs = true,
}
local RECORD_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #RECORD_FIELDS) .. '()'
local TOMBSTONE_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #TOMBSTONE_FIELDS) .. '()'
local function unpack_fields(raw, pattern, fields)
  local values = { string.match(raw, pattern) }
  if values[1] ~= '1' then error('MAYFLY unknown format of a record') end
  local object = { bodyAt = values[#fields + 1] }
  for i, field in ipairs(fields) do
    local value = values[i]
    if value ~= '' then object[field] = NUMBERS[field] and tonumber(value) or value end
  end
  return object
end
local function pack_fields(object, fields)
  local lines = {}
  for i, field in ipairs(fields) do lines[i] = text(object[field]) end
  lines[#fields + 1] = ''
  return table.concat(lines, '\\n')
end
local function find_task(id)
  local raw = redis.call('GET', TASK .. id)
  if not raw then return nil end
  local task = unpack_fields(raw, RECORD_PATTERN, RECORD_FIELDS)
  task.id = id
  task.body = string.sub(raw, task.bodyAt)
  return task
end
local function pack_task(task)
  return pack_fields(task, RECORD_FIELDS) .. task.body
end
local function save_task(task)
  redis.call('SET', TASK .. task.id, pack_task(task))
end
local function find_tombstone(id)
  local raw = redis.call('GET', DONE .. id)
  if not raw then return nil end
  return unpack_fields(raw, TOMBSTONE_PATTERN, TOMBSTONE_FIELDS), raw
end
local function is_owned(task)
  return task.state == 'running' or task.state == 'aborting'
end
local function tell_event(op, task, ending)
  local fields = { 'op', op, 'id', task.id, 'scheduler', task.scheduler, 'at', text(now) }
  local function add(name, value)
    if value then
      fields[#fields + 1] = name
      fields[#fields + 1] = text(value)
    end
  end
  if op ~= 'add' and task.attempt > 0 then
    add('attempt', task.attempt)
    add('instance', task.instance)
  end
  if ending then
    add('outcome', ending.outcome)
    add('reason', ending.reason)
  end
  redis.call('XADD', EVENTS, 'MAXLEN', '~', ARGV[3], '*', unpack(fields))
end
local function find_owned(id, attempt, token)
  local task = find_task(id)
  if task then
    if task.attempt ~= attempt or task.token ~= token then return nil, 'stale' end
    if is_owned(task) then return task end
    return nil, 'stale', nil, task.releasedByOwner
  end
  local tombstone, raw = find_tombstone(id)
  if not tombstone then return nil, 'gone' end
  if tombstone.attempt ~= attempt or tombstone.token ~= token then return nil, 'stale' end
  return nil, 'gone', tombstone.closedByOwner and raw
end
local task, refusal = find_owned(args[1], tonumber(args[2]), args[3])
if not task then return { refusal } end
task.progress = args[4]
save_task(task)
tell_event('progress', task)
return { 'ok' }
`,
};

/** scripts/schedule-task.lua */
export const scheduleTask: Script = {
  name: "schedule-task",
  sha1: "eddd260e7d5b9a2553df2f45f46b76ca5a5eb86a",
  lua: `#!lua
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, WAITING, RUNNING, NAMES, ENDED, EVENTS = unpack(KEYS)
local args = { unpack(ARGV, 5) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  return value or ''
end
local RECORD_FIELDS = {
  'format', 'state', 'attempt', 'token', 'scheduledAt', 'timeout', 'scheduler', 'instance', 'leaseMs', 'maxAttempts',
  'failures', 'run', 'startedAt', 'dueAt', 'announceToken', 'contentHash', 'retentionMs', 'notBefore', 'traceparent',
  'handle', 'progress', 'abortReason', 'releasedByOwner',
}
local TOMBSTONE_FIELDS = {
  'format', 'contentHash', 'timeout', 'notBefore', 'attempt', 'token', 'closedByOwner', 'scheduler', 'scheduledAt',
  'startedAt', 'instance', 'progress', 'outcome', 'endedAt', 'reason', 'result', 'resultDropped',
}
local NUMBERS = {
  attempt = true, scheduledAt = true, timeout = true, leaseMs = true, maxAttempts = true, failures = true, run = true,
  startedAt = true, dueAt = true, retentionMs = true,
}
local RECORD_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #RECORD_FIELDS) .. '()'
local TOMBSTONE_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #TOMBSTONE_FIELDS) .. '()'
local function unpack_fields(raw, pattern, fields)
  local values = { string.match(raw, pattern) }
  if values[1] ~= '1' then error('MAYFLY unknown format of a record') end
  local object = { bodyAt = values[#fields + 1] }
  for i, field in ipairs(fields) do
    local value = values[i]
    if value ~= '' then object[field] = NUMBERS[field] and tonumber(value) or value end
  end
  return object
end
local function pack_fields(object, fields)
  local lines = {}
  for i, field in ipairs(fields) do lines[i] = text(object[field]) end
  lines[#fields + 1] = ''
  return table.concat(lines, '\\n')
end
local function find_task(id)
  local raw = redis.call('GET', TASK .. id)
  if not raw then return nil end
  local task = unpack_fields(raw, RECORD_PATTERN, RECORD_FIELDS)
  task.id = id
  task.body = string.sub(raw, task.bodyAt)
  return task
end
local function pack_task(task)
  return pack_fields(task, RECORD_FIELDS) .. task.body
end
local function save_task(task)
  redis.call('SET', TASK .. task.id, pack_task(task))
end
local function find_tombstone(id)
  local raw = redis.call('GET', DONE .. id)
  if not raw then return nil end
  return unpack_fields(raw, TOMBSTONE_PATTERN, TOMBSTONE_FIELDS), raw
end
local function is_owned(task)
  return task.state == 'running' or task.state == 'aborting'
end
local function tell_event(op, task, ending)
  local fields = { 'op', op, 'id', task.id, 'scheduler', task.scheduler, 'at', text(now) }
  local function add(name, value)
    if value then
      fields[#fields + 1] = name
      fields[#fields + 1] = text(value)
    end
  end
  if op ~= 'add' and task.attempt > 0 then
    add('attempt', task.attempt)
    add('instance', task.instance)
  end
  if ending then
    add('outcome', ending.outcome)
    add('reason', ending.reason)
  end
  redis.call('XADD', EVENTS, 'MAXLEN', '~', ARGV[3], '*', unpack(fields))
end
if now > tonumber(args[2]) then return { 'late' } end
local id, hash, timeout, scheduler = args[1], args[4], tonumber(args[5]), args[12]
local not_before = tonumber(args[7])
if not_before and not_before <= now then not_before = nil end
local function is_same(earlier)
  return earlier.contentHash == hash
    and (args[6] ~= '1' or tonumber(earlier.timeout) == timeout)
    and (not not_before or tonumber(earlier.notBefore) == not_before)
end
local earlier = find_task(id)
if earlier then
  if is_same(earlier) then return { 'exists', 'live', pack_task(earlier) } end
  return { 'conflict' }
end
local tombstone, raw = find_tombstone(id)
if tombstone then
  if is_same(tombstone) then return { 'exists', 'done', raw } end
  return { 'conflict' }
end
if timeout <= now then return { 'timeout_passed' } end
if timeout > now + tonumber(args[8]) then return { 'timeout_too_far' } end
local due_at = not_before or now
local task = {
  id = id, body = args[3], format = '1', state = 'scheduled', attempt = 0, scheduledAt = now, timeout = timeout,
  scheduler = scheduler, failures = 0, run = 1, dueAt = due_at, announceToken = args[10], contentHash = hash,
  retentionMs = tonumber(args[9]), notBefore = not_before and args[7], traceparent = args[11],
}
save_task(task)
redis.call('ZADD', TIMEOUT, text(timeout), id)
redis.call('ZADD', WAITING .. scheduler, text(-now), id)
redis.call('SADD', NAMES, scheduler)
redis.call('ZADD', OUTBOX, text(due_at > now and due_at or now + 5000), id)
tell_event('add', task)
return { 'scheduled', now, due_at - now }
`,
};

/** scripts/take-due.lua */
export const takeDue: Script = {
  name: "take-due",
  sha1: "7c4697c58cc3828654eb26439acfe5b152ab8d04",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, WAITING, RUNNING, NAMES, ENDED, EVENTS = unpack(KEYS)
local args = { unpack(ARGV, 5) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  return value or ''
end
local RECORD_FIELDS = {
  'format', 'state', 'attempt', 'token', 'scheduledAt', 'timeout', 'scheduler', 'instance', 'leaseMs', 'maxAttempts',
  'failures', 'run', 'startedAt', 'dueAt', 'announceToken', 'contentHash', 'retentionMs', 'notBefore', 'traceparent',
  'handle', 'progress', 'abortReason', 'releasedByOwner',
}
local TOMBSTONE_FIELDS = {
  'format', 'contentHash', 'timeout', 'notBefore', 'attempt', 'token', 'closedByOwner', 'scheduler', 'scheduledAt',
  'startedAt', 'instance', 'progress', 'outcome', 'endedAt', 'reason', 'result', 'resultDropped',
}
local NUMBERS = {
  attempt = true, scheduledAt = true, timeout = true, leaseMs = true, maxAttempts = true, failures = true, run = true,
  startedAt = true, dueAt = true, retentionMs = true,
}
local RECORD_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #RECORD_FIELDS) .. '()'
local TOMBSTONE_PATTERN = '^' .. string.rep('([^\\n]*)\\n', #TOMBSTONE_FIELDS) .. '()'
local function unpack_fields(raw, pattern, fields)
  local values = { string.match(raw, pattern) }
  if values[1] ~= '1' then error('MAYFLY unknown format of a record') end
  local object = { bodyAt = values[#fields + 1] }
  for i, field in ipairs(fields) do
    local value = values[i]
    if value ~= '' then object[field] = NUMBERS[field] and tonumber(value) or value end
  end
  return object
end
local function pack_fields(object, fields)
  local lines = {}
  for i, field in ipairs(fields) do lines[i] = text(object[field]) end
  lines[#fields + 1] = ''
  return table.concat(lines, '\\n')
end
local function find_task(id)
  local raw = redis.call('GET', TASK .. id)
  if not raw then return nil end
  local task = unpack_fields(raw, RECORD_PATTERN, RECORD_FIELDS)
  task.id = id
  task.body = string.sub(raw, task.bodyAt)
  return task
end
local function pack_task(task)
  return pack_fields(task, RECORD_FIELDS) .. task.body
end
local function save_task(task)
  redis.call('SET', TASK .. task.id, pack_task(task))
end
local function find_tombstone(id)
  local raw = redis.call('GET', DONE .. id)
  if not raw then return nil end
  return unpack_fields(raw, TOMBSTONE_PATTERN, TOMBSTONE_FIELDS), raw
end
local function is_owned(task)
  return task.state == 'running' or task.state == 'aborting'
end
local function next_due(index)
  local first = redis.call('ZRANGE', index, 0, 0, 'WITHSCORES')
  if #first == 0 then return '' end
  return math.max(0, tonumber(first[2]) - now)
end
local answer, bytes = { '' }, 0
for _, id in ipairs(redis.call('ZRANGE', OUTBOX, '-inf', text(now), 'BYSCORE', 'LIMIT', 0, args[1])) do
  local task = find_task(id)
  if not task then
    redis.call('ZREM', OUTBOX, id)
  else
    bytes = bytes + #task.body
    if bytes > tonumber(args[2]) and #answer > 1 then break end
    redis.call('ZADD', OUTBOX, text(now + 10000), id)
    for _, value in ipairs({ id, task.scheduler, task.body, task.announceToken, task.scheduledAt, task.attempt, task.traceparent or '' }) do
      answer[#answer + 1] = value
    end
  end
end
answer[1] = next_due(OUTBOX)
return answer
`,
};
