// Written by scripts/generate.mjs from src/scripts; do not edit.
import type { Script } from "./script.ts";

/** The lines of a record, in their order. */
export const recordFields = ["format","state","attempt","token","scheduledAt","timeout","scheduler","instance","leaseMs","maxAttempts","failures","run","startedAt","dueAt","announceToken","contentHash","retentionMs","notBefore","traceparent","handle","progress","abortReason","releasedByOwner"] as const;

/** The lines of a tombstone, in their order. */
export const tombstoneFields = ["format","contentHash","timeout","notBefore","attempt","token","closedByOwner","scheduler","scheduledAt","startedAt","instance","progress","outcome","endedAt","reason","result","resultDropped"] as const;

/** scripts/abort-task.lua */
export const abortTask: Script = {
  name: "abort-task",
  sha1: "44250adedf8d7bddb1f931cc34638d1e07f280ae",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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
local LONGEST_TIMEOUT = 2592000000
local SLACK = 60000
local spans, is_watched = nil, false
local function read_spans(stored)
  spans = {}
  for from, till in string.gmatch(stored or '', '(%d+)-(%d+)') do
    if now < till + LONGEST_TIMEOUT then spans[#spans + 1] = { tonumber(from), tonumber(till) } end
  end
end
local function add_span(from, till)
  local last = spans[#spans]
  if last and from <= last[2] then
    last[1], last[2] = math.min(last[1], from), math.max(last[2], till)
  else
    spans[#spans + 1] = { from, till }
  end
end
local function server_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end
local function watch_server()
  if is_watched then return end
  is_watched = true
  local server = server_id()
  local known, seen_at, stored = unpack(redis.call('HMGET', GAPS, 'server', 'seenAt', 'spans'))
  seen_at = tonumber(seen_at)
  read_spans(stored)
  if known == server then
    if math.abs(now - seen_at) >= 1000 then redis.call('HSET', GAPS, 'seenAt', text(now)) end
    return
  end
  if known then
    add_span(math.max(0, seen_at - SLACK), math.max(seen_at, now) + SLACK)
  else
    add_span(0, now)
  end
  local lines = {}
  for i, span in ipairs(spans) do lines[i] = text(span[1]) .. '-' .. text(span[2]) end
  redis.call('HSET', GAPS, 'server', server, 'seenAt', text(now), 'spans', table.concat(lines, ' '))
end
local function is_in_gap(scheduled_at)
  if not spans then
    local stored = redis.call('HGET', GAPS, 'spans')
    if stored then read_spans(stored) else watch_server() end
  end
  for _, span in ipairs(spans) do
    if span[1] <= scheduled_at and scheduled_at <= span[2] then return true end
  end
  return false
end
local function keeps_everything()
  local known, stored = unpack(redis.call('HMGET', GAPS, 'server', 'spans'))
  read_spans(stored)
  return #spans == 0 and known == server_id()
end
local function may_be_lost(scheduled_at)
  watch_server()
  return is_in_gap(scheduled_at)
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
  local kept = task.retentionMs
  if is_in_gap(task.scheduledAt) then kept = math.max(kept, task.timeout - now + kept) end
  redis.call('SET', DONE .. task.id, raw, 'PX', text(kept))
  redis.call('PEXPIRE', LOG .. task.id, text(kept))
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

/** scripts/append-log.lua */
export const appendLog: Script = {
  name: "append-log",
  sha1: "225a39840627e5af6ca287427d734d34eb0c7fa3",
  lua: `#!lua
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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
local LONGEST_TIMEOUT = 2592000000
local SLACK = 60000
local spans, is_watched = nil, false
local function read_spans(stored)
  spans = {}
  for from, till in string.gmatch(stored or '', '(%d+)-(%d+)') do
    if now < till + LONGEST_TIMEOUT then spans[#spans + 1] = { tonumber(from), tonumber(till) } end
  end
end
local function add_span(from, till)
  local last = spans[#spans]
  if last and from <= last[2] then
    last[1], last[2] = math.min(last[1], from), math.max(last[2], till)
  else
    spans[#spans + 1] = { from, till }
  end
end
local function server_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end
local function watch_server()
  if is_watched then return end
  is_watched = true
  local server = server_id()
  local known, seen_at, stored = unpack(redis.call('HMGET', GAPS, 'server', 'seenAt', 'spans'))
  seen_at = tonumber(seen_at)
  read_spans(stored)
  if known == server then
    if math.abs(now - seen_at) >= 1000 then redis.call('HSET', GAPS, 'seenAt', text(now)) end
    return
  end
  if known then
    add_span(math.max(0, seen_at - SLACK), math.max(seen_at, now) + SLACK)
  else
    add_span(0, now)
  end
  local lines = {}
  for i, span in ipairs(spans) do lines[i] = text(span[1]) .. '-' .. text(span[2]) end
  redis.call('HSET', GAPS, 'server', server, 'seenAt', text(now), 'spans', table.concat(lines, ' '))
end
local function is_in_gap(scheduled_at)
  if not spans then
    local stored = redis.call('HGET', GAPS, 'spans')
    if stored then read_spans(stored) else watch_server() end
  end
  for _, span in ipairs(spans) do
    if span[1] <= scheduled_at and scheduled_at <= span[2] then return true end
  end
  return false
end
local function keeps_everything()
  local known, stored = unpack(redis.call('HMGET', GAPS, 'server', 'spans'))
  read_spans(stored)
  return #spans == 0 and known == server_id()
end
local function may_be_lost(scheduled_at)
  watch_server()
  return is_in_gap(scheduled_at)
end
local function find_owned(id, attempt, token, scheduled_at)
  local task = find_task(id)
  if task then
    if task.attempt ~= attempt or task.token ~= token then return nil, 'stale' end
    if is_owned(task) then return task end
    return nil, 'stale', nil, task.releasedByOwner
  end
  local tombstone, raw = find_tombstone(id)
  if not tombstone then return nil, may_be_lost(scheduled_at) and 'lost' or 'gone' end
  if tombstone.attempt ~= attempt or tombstone.token ~= token then return nil, 'stale' end
  return nil, 'gone', tombstone.closedByOwner and raw
end
local function continues(bytes, at)
  local byte = string.byte(bytes, at)
  return byte ~= nil and byte >= 0x80 and byte < 0xC0
end
local function whole_characters(bytes, length)
  while length > 0 and continues(bytes, length + 1) do length = length - 1 end
  return length
end
local task, refusal = find_owned(args[1], tonumber(args[2]), args[3], tonumber(args[4]))
if not task then return { refusal } end
local key, added = LOG .. task.id, args[5]
local room = tonumber(args[6]) - redis.call('STRLEN', key)
if room < 0 then return { 'full' } end
if #added <= room then
  if added ~= '' then redis.call('APPEND', key, added) end
  if args[8] ~= '' and task.handle then
    local members = string.gsub(string.sub(task.handle, 2), '^"loggedAt":%d+,', '')
    task.handle = '{"loggedAt":' .. args[8] .. ',' .. members
    save_task(task)
  end
  return { 'ok' }
end
redis.call('APPEND', key, string.sub(added, 1, whole_characters(added, room)) .. args[7])
return { 'full' }
`,
};

/** scripts/attach-handle.lua */
export const attachHandle: Script = {
  name: "attach-handle",
  sha1: "e348e0516dfe2c508ed558ca6df780e940dd964d",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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
local LONGEST_TIMEOUT = 2592000000
local SLACK = 60000
local spans, is_watched = nil, false
local function read_spans(stored)
  spans = {}
  for from, till in string.gmatch(stored or '', '(%d+)-(%d+)') do
    if now < till + LONGEST_TIMEOUT then spans[#spans + 1] = { tonumber(from), tonumber(till) } end
  end
end
local function add_span(from, till)
  local last = spans[#spans]
  if last and from <= last[2] then
    last[1], last[2] = math.min(last[1], from), math.max(last[2], till)
  else
    spans[#spans + 1] = { from, till }
  end
end
local function server_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end
local function watch_server()
  if is_watched then return end
  is_watched = true
  local server = server_id()
  local known, seen_at, stored = unpack(redis.call('HMGET', GAPS, 'server', 'seenAt', 'spans'))
  seen_at = tonumber(seen_at)
  read_spans(stored)
  if known == server then
    if math.abs(now - seen_at) >= 1000 then redis.call('HSET', GAPS, 'seenAt', text(now)) end
    return
  end
  if known then
    add_span(math.max(0, seen_at - SLACK), math.max(seen_at, now) + SLACK)
  else
    add_span(0, now)
  end
  local lines = {}
  for i, span in ipairs(spans) do lines[i] = text(span[1]) .. '-' .. text(span[2]) end
  redis.call('HSET', GAPS, 'server', server, 'seenAt', text(now), 'spans', table.concat(lines, ' '))
end
local function is_in_gap(scheduled_at)
  if not spans then
    local stored = redis.call('HGET', GAPS, 'spans')
    if stored then read_spans(stored) else watch_server() end
  end
  for _, span in ipairs(spans) do
    if span[1] <= scheduled_at and scheduled_at <= span[2] then return true end
  end
  return false
end
local function keeps_everything()
  local known, stored = unpack(redis.call('HMGET', GAPS, 'server', 'spans'))
  read_spans(stored)
  return #spans == 0 and known == server_id()
end
local function may_be_lost(scheduled_at)
  watch_server()
  return is_in_gap(scheduled_at)
end
local function find_owned(id, attempt, token, scheduled_at)
  local task = find_task(id)
  if task then
    if task.attempt ~= attempt or task.token ~= token then return nil, 'stale' end
    if is_owned(task) then return task end
    return nil, 'stale', nil, task.releasedByOwner
  end
  local tombstone, raw = find_tombstone(id)
  if not tombstone then return nil, may_be_lost(scheduled_at) and 'lost' or 'gone' end
  if tombstone.attempt ~= attempt or tombstone.token ~= token then return nil, 'stale' end
  return nil, 'gone', tombstone.closedByOwner and raw
end
local task, refusal = find_owned(args[1], tonumber(args[2]), args[3], tonumber(args[4]))
if not task then return { refusal } end
task.handle = args[5]
save_task(task)
return { 'ok' }
`,
};

/** scripts/beat-instance.lua */
export const beatInstance: Script = {
  name: "beat-instance",
  sha1: "834f7a7257792f21f59b80103281b42620ce4d30",
  lua: `#!lua flags=allow-oom
local REGISTRATION, INSTANCES, EXPIRY = KEYS[1], KEYS[2], KEYS[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  return string.format('%.0f', value)
end
if redis.call('EXISTS', REGISTRATION) == 0 then redis.call('HSET', REGISTRATION, 'format', '1', unpack(ARGV, 4)) end
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
  sha1: "c03fa083eb1ed432f17be576bcb85941ad12a4ea",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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
local LONGEST_TIMEOUT = 2592000000
local SLACK = 60000
local spans, is_watched = nil, false
local function read_spans(stored)
  spans = {}
  for from, till in string.gmatch(stored or '', '(%d+)-(%d+)') do
    if now < till + LONGEST_TIMEOUT then spans[#spans + 1] = { tonumber(from), tonumber(till) } end
  end
end
local function add_span(from, till)
  local last = spans[#spans]
  if last and from <= last[2] then
    last[1], last[2] = math.min(last[1], from), math.max(last[2], till)
  else
    spans[#spans + 1] = { from, till }
  end
end
local function server_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end
local function watch_server()
  if is_watched then return end
  is_watched = true
  local server = server_id()
  local known, seen_at, stored = unpack(redis.call('HMGET', GAPS, 'server', 'seenAt', 'spans'))
  seen_at = tonumber(seen_at)
  read_spans(stored)
  if known == server then
    if math.abs(now - seen_at) >= 1000 then redis.call('HSET', GAPS, 'seenAt', text(now)) end
    return
  end
  if known then
    add_span(math.max(0, seen_at - SLACK), math.max(seen_at, now) + SLACK)
  else
    add_span(0, now)
  end
  local lines = {}
  for i, span in ipairs(spans) do lines[i] = text(span[1]) .. '-' .. text(span[2]) end
  redis.call('HSET', GAPS, 'server', server, 'seenAt', text(now), 'spans', table.concat(lines, ' '))
end
local function is_in_gap(scheduled_at)
  if not spans then
    local stored = redis.call('HGET', GAPS, 'spans')
    if stored then read_spans(stored) else watch_server() end
  end
  for _, span in ipairs(spans) do
    if span[1] <= scheduled_at and scheduled_at <= span[2] then return true end
  end
  return false
end
local function keeps_everything()
  local known, stored = unpack(redis.call('HMGET', GAPS, 'server', 'spans'))
  read_spans(stored)
  return #spans == 0 and known == server_id()
end
local function may_be_lost(scheduled_at)
  watch_server()
  return is_in_gap(scheduled_at)
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
  local kept = task.retentionMs
  if is_in_gap(task.scheduledAt) then kept = math.max(kept, task.timeout - now + kept) end
  redis.call('SET', DONE .. task.id, raw, 'PX', text(kept))
  redis.call('PEXPIRE', LOG .. task.id, text(kept))
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
local function announce_anew(task, due_at)
  local first, number = string.match(task.announceToken, '^(.-)%.(%d+)$')
  task.announceToken = (first or task.announceToken) .. '.' .. text((tonumber(number) or 0) + 1)
  save_task(task)
  redis.call('ZREM', ANNOUNCED, task.id)
  redis.call('ZADD', OUTBOX, text(due_at), task.id)
end
local function requeue_task(task, due_at, by_owner)
  task.state = 'scheduled'
  task.releasedByOwner = by_owner
  task.dueAt = due_at
  announce_anew(task, due_at)
  redis.call('ZREM', LEASE, task.id)
  redis.call('ZREM', RUNNING .. task.scheduler, task.id)
  redis.call('ZADD', WAITING .. task.scheduler, text(-task.scheduledAt), task.id)
  tell_event('requeue', task)
end
local function scope_of(task)
  if not task.handle then return nil end
  local is_read, handle = pcall(cjson.decode, task.handle)
  return is_read and type(handle.scope) == 'string' and handle.runtime .. ':' .. handle.scope or nil
end
local function count_failure(task)
  task.failures = task.failures + 1
  return task.failures >= task.maxAttempts
end
local function end_lost(task)
  local message = 'The task has failed ' .. text(task.failures) .. ' times; the last time its owner ' .. task.instance .. ' vanished.'
  end_task(task, { outcome = 'aborted', reason = cjson.encode({ code = 'lost', message = message }) })
end
local function recover_task(task)
  local is_used_up = not scope_of(task) and count_failure(task)
  local is_past, was_aborting = task.timeout <= now, task.state == 'aborting'
  if not is_past and not was_aborting and not is_used_up then
    requeue_task(task, now)
    return nil
  end
  end_lost(task)
  return is_past and 'expired' or was_aborting and 'aborting' or 'exhausted'
end
local function abandon_work(task)
  if not task.releasedByOwner and count_failure(task) then
    end_lost(task)
    return 'exhausted'
  end
  task.handle = nil
  task.run = task.run + 1
  return nil
end
local ELSEWHERE = 5000
local id, token, lease_ms = args[1], args[3], tonumber(args[5])
local function granted(task)
  local is_announced = task.contentHash == args[7] and task.timeout == tonumber(args[8])
  redis.call('ZADD', LEASE, text(now + lease_ms), id)
  return {
    'granted', task.attempt, task.run, task.failures, task.timeout - now, task.retentionMs, task.handle or '',
    is_announced and '' or task.body,
  }
end
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
local function unreached_scope(task)
  local scope = args[15] ~= '' and scope_of(task)
  if not scope or string.find(args[15], '\\n' .. scope .. '\\n', 1, true) then return nil end
  return scope
end
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
    if not string.find(args[16], '\\n' .. scope .. '\\n', 1, true) then
      task.dueAt = now + ELSEWHERE
      announce_anew(task, task.dueAt)
      return { 'elsewhere', ELSEWHERE, scope }
    end
    local ended = abandon_work(task)
    if ended then return { ended } end
  end
  return grant(task)
end
return claim_delivery(nil)
`,
};

/** scripts/confirm-announcement.lua */
export const confirmAnnouncement: Script = {
  name: "confirm-announcement",
  sha1: "6cdd2a0c53f1b4e1c0dbc9abf8d18664de6513a8",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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
if redis.call('ZREM', OUTBOX, args[1]) == 1 then redis.call('ZADD', ANNOUNCED, text(now), args[1]) end
return { 'done' }
`,
};

/** scripts/count-tasks.lua */
export const countTasks: Script = {
  name: "count-tasks",
  sha1: "691c092102b7bbaabc55078e802b96352f1ae89c",
  lua: `#!lua flags=no-writes
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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

/** scripts/current-run.lua */
export const currentRun: Script = {
  name: "current-run",
  sha1: "a21c8e5d8d08cdcac8f6e05bfb95ed431beceaf3",
  lua: `#!lua flags=no-writes
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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
local LONGEST_TIMEOUT = 2592000000
local SLACK = 60000
local spans, is_watched = nil, false
local function read_spans(stored)
  spans = {}
  for from, till in string.gmatch(stored or '', '(%d+)-(%d+)') do
    if now < till + LONGEST_TIMEOUT then spans[#spans + 1] = { tonumber(from), tonumber(till) } end
  end
end
local function add_span(from, till)
  local last = spans[#spans]
  if last and from <= last[2] then
    last[1], last[2] = math.min(last[1], from), math.max(last[2], till)
  else
    spans[#spans + 1] = { from, till }
  end
end
local function server_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end
local function watch_server()
  if is_watched then return end
  is_watched = true
  local server = server_id()
  local known, seen_at, stored = unpack(redis.call('HMGET', GAPS, 'server', 'seenAt', 'spans'))
  seen_at = tonumber(seen_at)
  read_spans(stored)
  if known == server then
    if math.abs(now - seen_at) >= 1000 then redis.call('HSET', GAPS, 'seenAt', text(now)) end
    return
  end
  if known then
    add_span(math.max(0, seen_at - SLACK), math.max(seen_at, now) + SLACK)
  else
    add_span(0, now)
  end
  local lines = {}
  for i, span in ipairs(spans) do lines[i] = text(span[1]) .. '-' .. text(span[2]) end
  redis.call('HSET', GAPS, 'server', server, 'seenAt', text(now), 'spans', table.concat(lines, ' '))
end
local function is_in_gap(scheduled_at)
  if not spans then
    local stored = redis.call('HGET', GAPS, 'spans')
    if stored then read_spans(stored) else watch_server() end
  end
  for _, span in ipairs(spans) do
    if span[1] <= scheduled_at and scheduled_at <= span[2] then return true end
  end
  return false
end
local function keeps_everything()
  local known, stored = unpack(redis.call('HMGET', GAPS, 'server', 'spans'))
  read_spans(stored)
  return #spans == 0 and known == server_id()
end
local function may_be_lost(scheduled_at)
  watch_server()
  return is_in_gap(scheduled_at)
end
local task = find_task(args[1])
if task then return { 'lives', task.run, task.handle or '' } end
if find_tombstone(args[1]) or keeps_everything() then return { 'gone' } end
return { 'unknown' }
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
  sha1: "25bf92b3106c8a516a807cebbd72a6a50aa2b392",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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
local LONGEST_TIMEOUT = 2592000000
local SLACK = 60000
local spans, is_watched = nil, false
local function read_spans(stored)
  spans = {}
  for from, till in string.gmatch(stored or '', '(%d+)-(%d+)') do
    if now < till + LONGEST_TIMEOUT then spans[#spans + 1] = { tonumber(from), tonumber(till) } end
  end
end
local function add_span(from, till)
  local last = spans[#spans]
  if last and from <= last[2] then
    last[1], last[2] = math.min(last[1], from), math.max(last[2], till)
  else
    spans[#spans + 1] = { from, till }
  end
end
local function server_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end
local function watch_server()
  if is_watched then return end
  is_watched = true
  local server = server_id()
  local known, seen_at, stored = unpack(redis.call('HMGET', GAPS, 'server', 'seenAt', 'spans'))
  seen_at = tonumber(seen_at)
  read_spans(stored)
  if known == server then
    if math.abs(now - seen_at) >= 1000 then redis.call('HSET', GAPS, 'seenAt', text(now)) end
    return
  end
  if known then
    add_span(math.max(0, seen_at - SLACK), math.max(seen_at, now) + SLACK)
  else
    add_span(0, now)
  end
  local lines = {}
  for i, span in ipairs(spans) do lines[i] = text(span[1]) .. '-' .. text(span[2]) end
  redis.call('HSET', GAPS, 'server', server, 'seenAt', text(now), 'spans', table.concat(lines, ' '))
end
local function is_in_gap(scheduled_at)
  if not spans then
    local stored = redis.call('HGET', GAPS, 'spans')
    if stored then read_spans(stored) else watch_server() end
  end
  for _, span in ipairs(spans) do
    if span[1] <= scheduled_at and scheduled_at <= span[2] then return true end
  end
  return false
end
local function keeps_everything()
  local known, stored = unpack(redis.call('HMGET', GAPS, 'server', 'spans'))
  read_spans(stored)
  return #spans == 0 and known == server_id()
end
local function may_be_lost(scheduled_at)
  watch_server()
  return is_in_gap(scheduled_at)
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
  local kept = task.retentionMs
  if is_in_gap(task.scheduledAt) then kept = math.max(kept, task.timeout - now + kept) end
  redis.call('SET', DONE .. task.id, raw, 'PX', text(kept))
  redis.call('PEXPIRE', LOG .. task.id, text(kept))
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

/** scripts/find-stalled.lua */
export const findStalled: Script = {
  name: "find-stalled",
  sha1: "d849949f901d063b6f16fb38fc23f7d54e9fb03e",
  lua: `#!lua flags=no-writes
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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
local age = tonumber(args[2])
local answer = {}
local oldest = redis.call('ZRANGE', ANNOUNCED, '-inf', text(now - age), 'BYSCORE', 'LIMIT', args[3], args[1], 'WITHSCORES')
for i = 1, #oldest, 2 do
  local task = find_task(oldest[i])
  if task then
    local latest = tonumber(redis.call('HGET', CLAIMED, task.scheduler) or 0)
    for _, value in ipairs({ task.id, task.scheduler, task.announceToken, latest - oldest[i + 1] >= age and 1 or 0 }) do
      answer[#answer + 1] = value
    end
  end
end
return answer
`,
};

/** scripts/find-task.lua */
export const findTask: Script = {
  name: "find-task",
  sha1: "a179874f1898272c3c2a2c7d0e5e9a736f4fe3a7",
  lua: `#!lua flags=no-writes
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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
  sha1: "e17b105b37b0a11f6e13f62d97992c3bd38b794a",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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
local LONGEST_TIMEOUT = 2592000000
local SLACK = 60000
local spans, is_watched = nil, false
local function read_spans(stored)
  spans = {}
  for from, till in string.gmatch(stored or '', '(%d+)-(%d+)') do
    if now < till + LONGEST_TIMEOUT then spans[#spans + 1] = { tonumber(from), tonumber(till) } end
  end
end
local function add_span(from, till)
  local last = spans[#spans]
  if last and from <= last[2] then
    last[1], last[2] = math.min(last[1], from), math.max(last[2], till)
  else
    spans[#spans + 1] = { from, till }
  end
end
local function server_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end
local function watch_server()
  if is_watched then return end
  is_watched = true
  local server = server_id()
  local known, seen_at, stored = unpack(redis.call('HMGET', GAPS, 'server', 'seenAt', 'spans'))
  seen_at = tonumber(seen_at)
  read_spans(stored)
  if known == server then
    if math.abs(now - seen_at) >= 1000 then redis.call('HSET', GAPS, 'seenAt', text(now)) end
    return
  end
  if known then
    add_span(math.max(0, seen_at - SLACK), math.max(seen_at, now) + SLACK)
  else
    add_span(0, now)
  end
  local lines = {}
  for i, span in ipairs(spans) do lines[i] = text(span[1]) .. '-' .. text(span[2]) end
  redis.call('HSET', GAPS, 'server', server, 'seenAt', text(now), 'spans', table.concat(lines, ' '))
end
local function is_in_gap(scheduled_at)
  if not spans then
    local stored = redis.call('HGET', GAPS, 'spans')
    if stored then read_spans(stored) else watch_server() end
  end
  for _, span in ipairs(spans) do
    if span[1] <= scheduled_at and scheduled_at <= span[2] then return true end
  end
  return false
end
local function keeps_everything()
  local known, stored = unpack(redis.call('HMGET', GAPS, 'server', 'spans'))
  read_spans(stored)
  return #spans == 0 and known == server_id()
end
local function may_be_lost(scheduled_at)
  watch_server()
  return is_in_gap(scheduled_at)
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
  local kept = task.retentionMs
  if is_in_gap(task.scheduledAt) then kept = math.max(kept, task.timeout - now + kept) end
  redis.call('SET', DONE .. task.id, raw, 'PX', text(kept))
  redis.call('PEXPIRE', LOG .. task.id, text(kept))
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
local function find_owned(id, attempt, token, scheduled_at)
  local task = find_task(id)
  if task then
    if task.attempt ~= attempt or task.token ~= token then return nil, 'stale' end
    if is_owned(task) then return task end
    return nil, 'stale', nil, task.releasedByOwner
  end
  local tombstone, raw = find_tombstone(id)
  if not tombstone then return nil, may_be_lost(scheduled_at) and 'lost' or 'gone' end
  if tombstone.attempt ~= attempt or tombstone.token ~= token then return nil, 'stale' end
  return nil, 'gone', tombstone.closedByOwner and raw
end
local task, refusal, tombstone = find_owned(args[1], tonumber(args[2]), args[3], tonumber(args[4]))
if tombstone then return { 'ended', tombstone } end
if not task then return { refusal } end
local ending = { outcome = args[5], result = args[6], resultDropped = args[7], reason = args[8] ~= '' and args[8] or nil }
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
  sha1: "e1b10885f4a23c0f9277cee5814312acbe671788",
  lua: `#!lua flags=no-writes
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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
  sha1: "1422ea6f29d9c42c49b12d0d98babf0d527d7307",
  lua: `#!lua flags=no-writes
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
local args = { unpack(ARGV, 5) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  return value or ''
end
local stream = { ['entries-added'] = 0, length = 0, ['last-generated-id'] = '0-0' }
if redis.call('EXISTS', EVENTS) == 1 then
  local info = redis.call('XINFO', 'STREAM', EVENTS)
  for i = 1, #info, 2 do stream[info[i]] = info[i + 1] end
end
local after, is_gap = args[1], nil
if after == '0-0' then
  is_gap = stream['entries-added'] > stream.length
else
  is_gap = #redis.call('XRANGE', EVENTS, after, after) == 0
end
local events = redis.call('XRANGE', EVENTS, '(' .. after, '+', 'COUNT', args[2])
return { is_gap and 1 or 0, stream['last-generated-id'], unpack(events) }
`,
};

/** scripts/read-log.lua */
export const readLog: Script = {
  name: "read-log",
  sha1: "0cd0adf3edd027af45d7713867d1b06165f868af",
  lua: `#!lua flags=no-writes
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
local args = { unpack(ARGV, 5) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  return value or ''
end
local function continues(bytes, at)
  local byte = string.byte(bytes, at)
  return byte ~= nil and byte >= 0x80 and byte < 0xC0
end
local function whole_characters(bytes, length)
  while length > 0 and continues(bytes, length + 1) do length = length - 1 end
  return length
end
local id, from, limit = args[1], tonumber(args[2]), math.max(4, tonumber(args[3]))
local state = 'unknown'
if redis.call('EXISTS', TASK .. id) == 1 then
  state = 'live'
elseif redis.call('EXISTS', DONE .. id) == 1 then
  state = 'done'
end
local size = redis.call('STRLEN', LOG .. id)
if from >= size then return { state, '', size, '1' } end
local bytes = redis.call('GETRANGE', LOG .. id, text(from), text(from + limit + 3))
local skipped = 0
while continues(bytes, skipped + 1) do skipped = skipped + 1 end
bytes = string.sub(bytes, skipped + 1)
bytes = string.sub(bytes, 1, whole_characters(bytes, math.min(#bytes, limit)))
local next_at = from + skipped + #bytes
return { state, bytes, next_at, next_at == size and '1' or '' }
`,
};

/** scripts/read-server.lua */
export const readServer: Script = {
  name: "read-server",
  sha1: "d05da9e6e228dd22742b609240f91eabe23b47f5",
  lua: `#!lua flags=no-writes
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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
  sha1: "5e7252109a6221171858e7de6bd23c40c8c363c0",
  lua: `#!lua flags=no-writes
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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

/** scripts/reannounce-task.lua */
export const reannounceTask: Script = {
  name: "reannounce-task",
  sha1: "c946425567f35f4c3989ea6fd513e24c5376cfbc",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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
local LONGEST_TIMEOUT = 2592000000
local SLACK = 60000
local spans, is_watched = nil, false
local function read_spans(stored)
  spans = {}
  for from, till in string.gmatch(stored or '', '(%d+)-(%d+)') do
    if now < till + LONGEST_TIMEOUT then spans[#spans + 1] = { tonumber(from), tonumber(till) } end
  end
end
local function add_span(from, till)
  local last = spans[#spans]
  if last and from <= last[2] then
    last[1], last[2] = math.min(last[1], from), math.max(last[2], till)
  else
    spans[#spans + 1] = { from, till }
  end
end
local function server_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end
local function watch_server()
  if is_watched then return end
  is_watched = true
  local server = server_id()
  local known, seen_at, stored = unpack(redis.call('HMGET', GAPS, 'server', 'seenAt', 'spans'))
  seen_at = tonumber(seen_at)
  read_spans(stored)
  if known == server then
    if math.abs(now - seen_at) >= 1000 then redis.call('HSET', GAPS, 'seenAt', text(now)) end
    return
  end
  if known then
    add_span(math.max(0, seen_at - SLACK), math.max(seen_at, now) + SLACK)
  else
    add_span(0, now)
  end
  local lines = {}
  for i, span in ipairs(spans) do lines[i] = text(span[1]) .. '-' .. text(span[2]) end
  redis.call('HSET', GAPS, 'server', server, 'seenAt', text(now), 'spans', table.concat(lines, ' '))
end
local function is_in_gap(scheduled_at)
  if not spans then
    local stored = redis.call('HGET', GAPS, 'spans')
    if stored then read_spans(stored) else watch_server() end
  end
  for _, span in ipairs(spans) do
    if span[1] <= scheduled_at and scheduled_at <= span[2] then return true end
  end
  return false
end
local function keeps_everything()
  local known, stored = unpack(redis.call('HMGET', GAPS, 'server', 'spans'))
  read_spans(stored)
  return #spans == 0 and known == server_id()
end
local function may_be_lost(scheduled_at)
  watch_server()
  return is_in_gap(scheduled_at)
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
  local kept = task.retentionMs
  if is_in_gap(task.scheduledAt) then kept = math.max(kept, task.timeout - now + kept) end
  redis.call('SET', DONE .. task.id, raw, 'PX', text(kept))
  redis.call('PEXPIRE', LOG .. task.id, text(kept))
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
local function announce_anew(task, due_at)
  local first, number = string.match(task.announceToken, '^(.-)%.(%d+)$')
  task.announceToken = (first or task.announceToken) .. '.' .. text((tonumber(number) or 0) + 1)
  save_task(task)
  redis.call('ZREM', ANNOUNCED, task.id)
  redis.call('ZADD', OUTBOX, text(due_at), task.id)
end
local function requeue_task(task, due_at, by_owner)
  task.state = 'scheduled'
  task.releasedByOwner = by_owner
  task.dueAt = due_at
  announce_anew(task, due_at)
  redis.call('ZREM', LEASE, task.id)
  redis.call('ZREM', RUNNING .. task.scheduler, task.id)
  redis.call('ZADD', WAITING .. task.scheduler, text(-task.scheduledAt), task.id)
  tell_event('requeue', task)
end
local function scope_of(task)
  if not task.handle then return nil end
  local is_read, handle = pcall(cjson.decode, task.handle)
  return is_read and type(handle.scope) == 'string' and handle.runtime .. ':' .. handle.scope or nil
end
local function count_failure(task)
  task.failures = task.failures + 1
  return task.failures >= task.maxAttempts
end
local function end_lost(task)
  local message = 'The task has failed ' .. text(task.failures) .. ' times; the last time its owner ' .. task.instance .. ' vanished.'
  end_task(task, { outcome = 'aborted', reason = cjson.encode({ code = 'lost', message = message }) })
end
local function recover_task(task)
  local is_used_up = not scope_of(task) and count_failure(task)
  local is_past, was_aborting = task.timeout <= now, task.state == 'aborting'
  if not is_past and not was_aborting and not is_used_up then
    requeue_task(task, now)
    return nil
  end
  end_lost(task)
  return is_past and 'expired' or was_aborting and 'aborting' or 'exhausted'
end
local function abandon_work(task)
  if not task.releasedByOwner and count_failure(task) then
    end_lost(task)
    return 'exhausted'
  end
  task.handle = nil
  task.run = task.run + 1
  return nil
end
local task = find_task(args[1])
if not task or task.announceToken ~= args[2] or not redis.call('ZSCORE', ANNOUNCED, args[1]) then return { 0 } end
announce_anew(task, now)
return { 1 }
`,
};

/** scripts/recover-tasks.lua */
export const recoverTasks: Script = {
  name: "recover-tasks",
  sha1: "704dc5c98398e65bb4ca1fd21d9ebf00b1a4a33c",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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
local LONGEST_TIMEOUT = 2592000000
local SLACK = 60000
local spans, is_watched = nil, false
local function read_spans(stored)
  spans = {}
  for from, till in string.gmatch(stored or '', '(%d+)-(%d+)') do
    if now < till + LONGEST_TIMEOUT then spans[#spans + 1] = { tonumber(from), tonumber(till) } end
  end
end
local function add_span(from, till)
  local last = spans[#spans]
  if last and from <= last[2] then
    last[1], last[2] = math.min(last[1], from), math.max(last[2], till)
  else
    spans[#spans + 1] = { from, till }
  end
end
local function server_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end
local function watch_server()
  if is_watched then return end
  is_watched = true
  local server = server_id()
  local known, seen_at, stored = unpack(redis.call('HMGET', GAPS, 'server', 'seenAt', 'spans'))
  seen_at = tonumber(seen_at)
  read_spans(stored)
  if known == server then
    if math.abs(now - seen_at) >= 1000 then redis.call('HSET', GAPS, 'seenAt', text(now)) end
    return
  end
  if known then
    add_span(math.max(0, seen_at - SLACK), math.max(seen_at, now) + SLACK)
  else
    add_span(0, now)
  end
  local lines = {}
  for i, span in ipairs(spans) do lines[i] = text(span[1]) .. '-' .. text(span[2]) end
  redis.call('HSET', GAPS, 'server', server, 'seenAt', text(now), 'spans', table.concat(lines, ' '))
end
local function is_in_gap(scheduled_at)
  if not spans then
    local stored = redis.call('HGET', GAPS, 'spans')
    if stored then read_spans(stored) else watch_server() end
  end
  for _, span in ipairs(spans) do
    if span[1] <= scheduled_at and scheduled_at <= span[2] then return true end
  end
  return false
end
local function keeps_everything()
  local known, stored = unpack(redis.call('HMGET', GAPS, 'server', 'spans'))
  read_spans(stored)
  return #spans == 0 and known == server_id()
end
local function may_be_lost(scheduled_at)
  watch_server()
  return is_in_gap(scheduled_at)
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
  local kept = task.retentionMs
  if is_in_gap(task.scheduledAt) then kept = math.max(kept, task.timeout - now + kept) end
  redis.call('SET', DONE .. task.id, raw, 'PX', text(kept))
  redis.call('PEXPIRE', LOG .. task.id, text(kept))
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
local function announce_anew(task, due_at)
  local first, number = string.match(task.announceToken, '^(.-)%.(%d+)$')
  task.announceToken = (first or task.announceToken) .. '.' .. text((tonumber(number) or 0) + 1)
  save_task(task)
  redis.call('ZREM', ANNOUNCED, task.id)
  redis.call('ZADD', OUTBOX, text(due_at), task.id)
end
local function requeue_task(task, due_at, by_owner)
  task.state = 'scheduled'
  task.releasedByOwner = by_owner
  task.dueAt = due_at
  announce_anew(task, due_at)
  redis.call('ZREM', LEASE, task.id)
  redis.call('ZREM', RUNNING .. task.scheduler, task.id)
  redis.call('ZADD', WAITING .. task.scheduler, text(-task.scheduledAt), task.id)
  tell_event('requeue', task)
end
local function scope_of(task)
  if not task.handle then return nil end
  local is_read, handle = pcall(cjson.decode, task.handle)
  return is_read and type(handle.scope) == 'string' and handle.runtime .. ':' .. handle.scope or nil
end
local function count_failure(task)
  task.failures = task.failures + 1
  return task.failures >= task.maxAttempts
end
local function end_lost(task)
  local message = 'The task has failed ' .. text(task.failures) .. ' times; the last time its owner ' .. task.instance .. ' vanished.'
  end_task(task, { outcome = 'aborted', reason = cjson.encode({ code = 'lost', message = message }) })
end
local function recover_task(task)
  local is_used_up = not scope_of(task) and count_failure(task)
  local is_past, was_aborting = task.timeout <= now, task.state == 'aborting'
  if not is_past and not was_aborting and not is_used_up then
    requeue_task(task, now)
    return nil
  end
  end_lost(task)
  return is_past and 'expired' or was_aborting and 'aborting' or 'exhausted'
end
local function abandon_work(task)
  if not task.releasedByOwner and count_failure(task) then
    end_lost(task)
    return 'exhausted'
  end
  task.handle = nil
  task.run = task.run + 1
  return nil
end
local function next_due(index)
  local first = redis.call('ZRANGE', index, 0, 0, 'WITHSCORES')
  if #first == 0 then return '' end
  return math.max(0, tonumber(first[2]) - now)
end
watch_server()
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

/** scripts/recreate-task.lua */
export const recreateTask: Script = {
  name: "recreate-task",
  sha1: "c0f3880e731c0e54b993e662c85117f046d55a1b",
  lua: `#!lua
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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
local LONGEST_TIMEOUT = 2592000000
local SLACK = 60000
local spans, is_watched = nil, false
local function read_spans(stored)
  spans = {}
  for from, till in string.gmatch(stored or '', '(%d+)-(%d+)') do
    if now < till + LONGEST_TIMEOUT then spans[#spans + 1] = { tonumber(from), tonumber(till) } end
  end
end
local function add_span(from, till)
  local last = spans[#spans]
  if last and from <= last[2] then
    last[1], last[2] = math.min(last[1], from), math.max(last[2], till)
  else
    spans[#spans + 1] = { from, till }
  end
end
local function server_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end
local function watch_server()
  if is_watched then return end
  is_watched = true
  local server = server_id()
  local known, seen_at, stored = unpack(redis.call('HMGET', GAPS, 'server', 'seenAt', 'spans'))
  seen_at = tonumber(seen_at)
  read_spans(stored)
  if known == server then
    if math.abs(now - seen_at) >= 1000 then redis.call('HSET', GAPS, 'seenAt', text(now)) end
    return
  end
  if known then
    add_span(math.max(0, seen_at - SLACK), math.max(seen_at, now) + SLACK)
  else
    add_span(0, now)
  end
  local lines = {}
  for i, span in ipairs(spans) do lines[i] = text(span[1]) .. '-' .. text(span[2]) end
  redis.call('HSET', GAPS, 'server', server, 'seenAt', text(now), 'spans', table.concat(lines, ' '))
end
local function is_in_gap(scheduled_at)
  if not spans then
    local stored = redis.call('HGET', GAPS, 'spans')
    if stored then read_spans(stored) else watch_server() end
  end
  for _, span in ipairs(spans) do
    if span[1] <= scheduled_at and scheduled_at <= span[2] then return true end
  end
  return false
end
local function keeps_everything()
  local known, stored = unpack(redis.call('HMGET', GAPS, 'server', 'spans'))
  read_spans(stored)
  return #spans == 0 and known == server_id()
end
local function may_be_lost(scheduled_at)
  watch_server()
  return is_in_gap(scheduled_at)
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
  local kept = task.retentionMs
  if is_in_gap(task.scheduledAt) then kept = math.max(kept, task.timeout - now + kept) end
  redis.call('SET', DONE .. task.id, raw, 'PX', text(kept))
  redis.call('PEXPIRE', LOG .. task.id, text(kept))
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
local function announce_anew(task, due_at)
  local first, number = string.match(task.announceToken, '^(.-)%.(%d+)$')
  task.announceToken = (first or task.announceToken) .. '.' .. text((tonumber(number) or 0) + 1)
  save_task(task)
  redis.call('ZREM', ANNOUNCED, task.id)
  redis.call('ZADD', OUTBOX, text(due_at), task.id)
end
local function requeue_task(task, due_at, by_owner)
  task.state = 'scheduled'
  task.releasedByOwner = by_owner
  task.dueAt = due_at
  announce_anew(task, due_at)
  redis.call('ZREM', LEASE, task.id)
  redis.call('ZREM', RUNNING .. task.scheduler, task.id)
  redis.call('ZADD', WAITING .. task.scheduler, text(-task.scheduledAt), task.id)
  tell_event('requeue', task)
end
local function scope_of(task)
  if not task.handle then return nil end
  local is_read, handle = pcall(cjson.decode, task.handle)
  return is_read and type(handle.scope) == 'string' and handle.runtime .. ':' .. handle.scope or nil
end
local function count_failure(task)
  task.failures = task.failures + 1
  return task.failures >= task.maxAttempts
end
local function end_lost(task)
  local message = 'The task has failed ' .. text(task.failures) .. ' times; the last time its owner ' .. task.instance .. ' vanished.'
  end_task(task, { outcome = 'aborted', reason = cjson.encode({ code = 'lost', message = message }) })
end
local function recover_task(task)
  local is_used_up = not scope_of(task) and count_failure(task)
  local is_past, was_aborting = task.timeout <= now, task.state == 'aborting'
  if not is_past and not was_aborting and not is_used_up then
    requeue_task(task, now)
    return nil
  end
  end_lost(task)
  return is_past and 'expired' or was_aborting and 'aborting' or 'exhausted'
end
local function abandon_work(task)
  if not task.releasedByOwner and count_failure(task) then
    end_lost(task)
    return 'exhausted'
  end
  task.handle = nil
  task.run = task.run + 1
  return nil
end
local ELSEWHERE = 5000
local id, token, lease_ms = args[1], args[3], tonumber(args[5])
local function granted(task)
  local is_announced = task.contentHash == args[7] and task.timeout == tonumber(args[8])
  redis.call('ZADD', LEASE, text(now + lease_ms), id)
  return {
    'granted', task.attempt, task.run, task.failures, task.timeout - now, task.retentionMs, task.handle or '',
    is_announced and '' or task.body,
  }
end
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
local function unreached_scope(task)
  local scope = args[15] ~= '' and scope_of(task)
  if not scope or string.find(args[15], '\\n' .. scope .. '\\n', 1, true) then return nil end
  return scope
end
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
    if not string.find(args[16], '\\n' .. scope .. '\\n', 1, true) then
      task.dueAt = now + ELSEWHERE
      announce_anew(task, task.dueAt)
      return { 'elsewhere', ELSEWHERE, scope }
    end
    local ended = abandon_work(task)
    if ended then return { ended } end
  end
  return grant(task)
end
return claim_delivery(args[17])
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
  sha1: "3e57482b4125776908363d159b25033f8710b1cb",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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
local LONGEST_TIMEOUT = 2592000000
local SLACK = 60000
local spans, is_watched = nil, false
local function read_spans(stored)
  spans = {}
  for from, till in string.gmatch(stored or '', '(%d+)-(%d+)') do
    if now < till + LONGEST_TIMEOUT then spans[#spans + 1] = { tonumber(from), tonumber(till) } end
  end
end
local function add_span(from, till)
  local last = spans[#spans]
  if last and from <= last[2] then
    last[1], last[2] = math.min(last[1], from), math.max(last[2], till)
  else
    spans[#spans + 1] = { from, till }
  end
end
local function server_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end
local function watch_server()
  if is_watched then return end
  is_watched = true
  local server = server_id()
  local known, seen_at, stored = unpack(redis.call('HMGET', GAPS, 'server', 'seenAt', 'spans'))
  seen_at = tonumber(seen_at)
  read_spans(stored)
  if known == server then
    if math.abs(now - seen_at) >= 1000 then redis.call('HSET', GAPS, 'seenAt', text(now)) end
    return
  end
  if known then
    add_span(math.max(0, seen_at - SLACK), math.max(seen_at, now) + SLACK)
  else
    add_span(0, now)
  end
  local lines = {}
  for i, span in ipairs(spans) do lines[i] = text(span[1]) .. '-' .. text(span[2]) end
  redis.call('HSET', GAPS, 'server', server, 'seenAt', text(now), 'spans', table.concat(lines, ' '))
end
local function is_in_gap(scheduled_at)
  if not spans then
    local stored = redis.call('HGET', GAPS, 'spans')
    if stored then read_spans(stored) else watch_server() end
  end
  for _, span in ipairs(spans) do
    if span[1] <= scheduled_at and scheduled_at <= span[2] then return true end
  end
  return false
end
local function keeps_everything()
  local known, stored = unpack(redis.call('HMGET', GAPS, 'server', 'spans'))
  read_spans(stored)
  return #spans == 0 and known == server_id()
end
local function may_be_lost(scheduled_at)
  watch_server()
  return is_in_gap(scheduled_at)
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
  local kept = task.retentionMs
  if is_in_gap(task.scheduledAt) then kept = math.max(kept, task.timeout - now + kept) end
  redis.call('SET', DONE .. task.id, raw, 'PX', text(kept))
  redis.call('PEXPIRE', LOG .. task.id, text(kept))
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
local function announce_anew(task, due_at)
  local first, number = string.match(task.announceToken, '^(.-)%.(%d+)$')
  task.announceToken = (first or task.announceToken) .. '.' .. text((tonumber(number) or 0) + 1)
  save_task(task)
  redis.call('ZREM', ANNOUNCED, task.id)
  redis.call('ZADD', OUTBOX, text(due_at), task.id)
end
local function requeue_task(task, due_at, by_owner)
  task.state = 'scheduled'
  task.releasedByOwner = by_owner
  task.dueAt = due_at
  announce_anew(task, due_at)
  redis.call('ZREM', LEASE, task.id)
  redis.call('ZREM', RUNNING .. task.scheduler, task.id)
  redis.call('ZADD', WAITING .. task.scheduler, text(-task.scheduledAt), task.id)
  tell_event('requeue', task)
end
local function scope_of(task)
  if not task.handle then return nil end
  local is_read, handle = pcall(cjson.decode, task.handle)
  return is_read and type(handle.scope) == 'string' and handle.runtime .. ':' .. handle.scope or nil
end
local function count_failure(task)
  task.failures = task.failures + 1
  return task.failures >= task.maxAttempts
end
local function end_lost(task)
  local message = 'The task has failed ' .. text(task.failures) .. ' times; the last time its owner ' .. task.instance .. ' vanished.'
  end_task(task, { outcome = 'aborted', reason = cjson.encode({ code = 'lost', message = message }) })
end
local function recover_task(task)
  local is_used_up = not scope_of(task) and count_failure(task)
  local is_past, was_aborting = task.timeout <= now, task.state == 'aborting'
  if not is_past and not was_aborting and not is_used_up then
    requeue_task(task, now)
    return nil
  end
  end_lost(task)
  return is_past and 'expired' or was_aborting and 'aborting' or 'exhausted'
end
local function abandon_work(task)
  if not task.releasedByOwner and count_failure(task) then
    end_lost(task)
    return 'exhausted'
  end
  task.handle = nil
  task.run = task.run + 1
  return nil
end
local function find_owned(id, attempt, token, scheduled_at)
  local task = find_task(id)
  if task then
    if task.attempt ~= attempt or task.token ~= token then return nil, 'stale' end
    if is_owned(task) then return task end
    return nil, 'stale', nil, task.releasedByOwner
  end
  local tombstone, raw = find_tombstone(id)
  if not tombstone then return nil, may_be_lost(scheduled_at) and 'lost' or 'gone' end
  if tombstone.attempt ~= attempt or tombstone.token ~= token then return nil, 'stale' end
  return nil, 'gone', tombstone.closedByOwner and raw
end
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
  task.run = task.run + 1
  task.handle = nil
end
requeue_task(task, now + tonumber(args[6]), '1')
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
  sha1: "97c2d77edfda56b14371285e9f370ff93d267a88",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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
local LONGEST_TIMEOUT = 2592000000
local SLACK = 60000
local spans, is_watched = nil, false
local function read_spans(stored)
  spans = {}
  for from, till in string.gmatch(stored or '', '(%d+)-(%d+)') do
    if now < till + LONGEST_TIMEOUT then spans[#spans + 1] = { tonumber(from), tonumber(till) } end
  end
end
local function add_span(from, till)
  local last = spans[#spans]
  if last and from <= last[2] then
    last[1], last[2] = math.min(last[1], from), math.max(last[2], till)
  else
    spans[#spans + 1] = { from, till }
  end
end
local function server_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end
local function watch_server()
  if is_watched then return end
  is_watched = true
  local server = server_id()
  local known, seen_at, stored = unpack(redis.call('HMGET', GAPS, 'server', 'seenAt', 'spans'))
  seen_at = tonumber(seen_at)
  read_spans(stored)
  if known == server then
    if math.abs(now - seen_at) >= 1000 then redis.call('HSET', GAPS, 'seenAt', text(now)) end
    return
  end
  if known then
    add_span(math.max(0, seen_at - SLACK), math.max(seen_at, now) + SLACK)
  else
    add_span(0, now)
  end
  local lines = {}
  for i, span in ipairs(spans) do lines[i] = text(span[1]) .. '-' .. text(span[2]) end
  redis.call('HSET', GAPS, 'server', server, 'seenAt', text(now), 'spans', table.concat(lines, ' '))
end
local function is_in_gap(scheduled_at)
  if not spans then
    local stored = redis.call('HGET', GAPS, 'spans')
    if stored then read_spans(stored) else watch_server() end
  end
  for _, span in ipairs(spans) do
    if span[1] <= scheduled_at and scheduled_at <= span[2] then return true end
  end
  return false
end
local function keeps_everything()
  local known, stored = unpack(redis.call('HMGET', GAPS, 'server', 'spans'))
  read_spans(stored)
  return #spans == 0 and known == server_id()
end
local function may_be_lost(scheduled_at)
  watch_server()
  return is_in_gap(scheduled_at)
end
local function find_owned(id, attempt, token, scheduled_at)
  local task = find_task(id)
  if task then
    if task.attempt ~= attempt or task.token ~= token then return nil, 'stale' end
    if is_owned(task) then return task end
    return nil, 'stale', nil, task.releasedByOwner
  end
  local tombstone, raw = find_tombstone(id)
  if not tombstone then return nil, may_be_lost(scheduled_at) and 'lost' or 'gone' end
  if tombstone.attempt ~= attempt or tombstone.token ~= token then return nil, 'stale' end
  return nil, 'gone', tombstone.closedByOwner and raw
end
if now > tonumber(args[1]) then return { 'late' } end
local answers = {}
for i = 2, #args, 4 do
  local task, refusal = find_owned(args[i], tonumber(args[i + 1]), args[i + 2], tonumber(args[i + 3]))
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
  sha1: "3e888a56af7772d3e5e0e3e2522d7e873278ecf5",
  lua: `#!lua
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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
local LONGEST_TIMEOUT = 2592000000
local SLACK = 60000
local spans, is_watched = nil, false
local function read_spans(stored)
  spans = {}
  for from, till in string.gmatch(stored or '', '(%d+)-(%d+)') do
    if now < till + LONGEST_TIMEOUT then spans[#spans + 1] = { tonumber(from), tonumber(till) } end
  end
end
local function add_span(from, till)
  local last = spans[#spans]
  if last and from <= last[2] then
    last[1], last[2] = math.min(last[1], from), math.max(last[2], till)
  else
    spans[#spans + 1] = { from, till }
  end
end
local function server_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end
local function watch_server()
  if is_watched then return end
  is_watched = true
  local server = server_id()
  local known, seen_at, stored = unpack(redis.call('HMGET', GAPS, 'server', 'seenAt', 'spans'))
  seen_at = tonumber(seen_at)
  read_spans(stored)
  if known == server then
    if math.abs(now - seen_at) >= 1000 then redis.call('HSET', GAPS, 'seenAt', text(now)) end
    return
  end
  if known then
    add_span(math.max(0, seen_at - SLACK), math.max(seen_at, now) + SLACK)
  else
    add_span(0, now)
  end
  local lines = {}
  for i, span in ipairs(spans) do lines[i] = text(span[1]) .. '-' .. text(span[2]) end
  redis.call('HSET', GAPS, 'server', server, 'seenAt', text(now), 'spans', table.concat(lines, ' '))
end
local function is_in_gap(scheduled_at)
  if not spans then
    local stored = redis.call('HGET', GAPS, 'spans')
    if stored then read_spans(stored) else watch_server() end
  end
  for _, span in ipairs(spans) do
    if span[1] <= scheduled_at and scheduled_at <= span[2] then return true end
  end
  return false
end
local function keeps_everything()
  local known, stored = unpack(redis.call('HMGET', GAPS, 'server', 'spans'))
  read_spans(stored)
  return #spans == 0 and known == server_id()
end
local function may_be_lost(scheduled_at)
  watch_server()
  return is_in_gap(scheduled_at)
end
local function find_owned(id, attempt, token, scheduled_at)
  local task = find_task(id)
  if task then
    if task.attempt ~= attempt or task.token ~= token then return nil, 'stale' end
    if is_owned(task) then return task end
    return nil, 'stale', nil, task.releasedByOwner
  end
  local tombstone, raw = find_tombstone(id)
  if not tombstone then return nil, may_be_lost(scheduled_at) and 'lost' or 'gone' end
  if tombstone.attempt ~= attempt or tombstone.token ~= token then return nil, 'stale' end
  return nil, 'gone', tombstone.closedByOwner and raw
end
local task, refusal = find_owned(args[1], tonumber(args[2]), args[3], tonumber(args[4]))
if not task then return { refusal } end
task.progress = args[5]
save_task(task)
tell_event('progress', task)
return { 'ok' }
`,
};

/** scripts/restore-task.lua */
export const restoreTask: Script = {
  name: "restore-task",
  sha1: "329c23e01522676cafb020e6f431d162e929aec4",
  lua: `#!lua
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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
local LONGEST_TIMEOUT = 2592000000
local SLACK = 60000
local spans, is_watched = nil, false
local function read_spans(stored)
  spans = {}
  for from, till in string.gmatch(stored or '', '(%d+)-(%d+)') do
    if now < till + LONGEST_TIMEOUT then spans[#spans + 1] = { tonumber(from), tonumber(till) } end
  end
end
local function add_span(from, till)
  local last = spans[#spans]
  if last and from <= last[2] then
    last[1], last[2] = math.min(last[1], from), math.max(last[2], till)
  else
    spans[#spans + 1] = { from, till }
  end
end
local function server_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end
local function watch_server()
  if is_watched then return end
  is_watched = true
  local server = server_id()
  local known, seen_at, stored = unpack(redis.call('HMGET', GAPS, 'server', 'seenAt', 'spans'))
  seen_at = tonumber(seen_at)
  read_spans(stored)
  if known == server then
    if math.abs(now - seen_at) >= 1000 then redis.call('HSET', GAPS, 'seenAt', text(now)) end
    return
  end
  if known then
    add_span(math.max(0, seen_at - SLACK), math.max(seen_at, now) + SLACK)
  else
    add_span(0, now)
  end
  local lines = {}
  for i, span in ipairs(spans) do lines[i] = text(span[1]) .. '-' .. text(span[2]) end
  redis.call('HSET', GAPS, 'server', server, 'seenAt', text(now), 'spans', table.concat(lines, ' '))
end
local function is_in_gap(scheduled_at)
  if not spans then
    local stored = redis.call('HGET', GAPS, 'spans')
    if stored then read_spans(stored) else watch_server() end
  end
  for _, span in ipairs(spans) do
    if span[1] <= scheduled_at and scheduled_at <= span[2] then return true end
  end
  return false
end
local function keeps_everything()
  local known, stored = unpack(redis.call('HMGET', GAPS, 'server', 'spans'))
  read_spans(stored)
  return #spans == 0 and known == server_id()
end
local function may_be_lost(scheduled_at)
  watch_server()
  return is_in_gap(scheduled_at)
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
  local kept = task.retentionMs
  if is_in_gap(task.scheduledAt) then kept = math.max(kept, task.timeout - now + kept) end
  redis.call('SET', DONE .. task.id, raw, 'PX', text(kept))
  redis.call('PEXPIRE', LOG .. task.id, text(kept))
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
local function find_owned(id, attempt, token, scheduled_at)
  local task = find_task(id)
  if task then
    if task.attempt ~= attempt or task.token ~= token then return nil, 'stale' end
    if is_owned(task) then return task end
    return nil, 'stale', nil, task.releasedByOwner
  end
  local tombstone, raw = find_tombstone(id)
  if not tombstone then return nil, may_be_lost(scheduled_at) and 'lost' or 'gone' end
  if tombstone.attempt ~= attempt or tombstone.token ~= token then return nil, 'stale' end
  return nil, 'gone', tombstone.closedByOwner and raw
end
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
`,
};

/** scripts/schedule-task.lua */
export const scheduleTask: Script = {
  name: "schedule-task",
  sha1: "6d99b6bfbefaa0b7c96ba4efd2e1721f7ed372b4",
  lua: `#!lua
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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
  sha1: "7002d05210b3d390d80aa575830c9cb4b1df2135",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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

/** scripts/undelivered-task.lua */
export const undeliveredTask: Script = {
  name: "undelivered-task",
  sha1: "bd728f169dc254411e5b8f683538439abdc4a4f2",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
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
local LONGEST_TIMEOUT = 2592000000
local SLACK = 60000
local spans, is_watched = nil, false
local function read_spans(stored)
  spans = {}
  for from, till in string.gmatch(stored or '', '(%d+)-(%d+)') do
    if now < till + LONGEST_TIMEOUT then spans[#spans + 1] = { tonumber(from), tonumber(till) } end
  end
end
local function add_span(from, till)
  local last = spans[#spans]
  if last and from <= last[2] then
    last[1], last[2] = math.min(last[1], from), math.max(last[2], till)
  else
    spans[#spans + 1] = { from, till }
  end
end
local function server_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end
local function watch_server()
  if is_watched then return end
  is_watched = true
  local server = server_id()
  local known, seen_at, stored = unpack(redis.call('HMGET', GAPS, 'server', 'seenAt', 'spans'))
  seen_at = tonumber(seen_at)
  read_spans(stored)
  if known == server then
    if math.abs(now - seen_at) >= 1000 then redis.call('HSET', GAPS, 'seenAt', text(now)) end
    return
  end
  if known then
    add_span(math.max(0, seen_at - SLACK), math.max(seen_at, now) + SLACK)
  else
    add_span(0, now)
  end
  local lines = {}
  for i, span in ipairs(spans) do lines[i] = text(span[1]) .. '-' .. text(span[2]) end
  redis.call('HSET', GAPS, 'server', server, 'seenAt', text(now), 'spans', table.concat(lines, ' '))
end
local function is_in_gap(scheduled_at)
  if not spans then
    local stored = redis.call('HGET', GAPS, 'spans')
    if stored then read_spans(stored) else watch_server() end
  end
  for _, span in ipairs(spans) do
    if span[1] <= scheduled_at and scheduled_at <= span[2] then return true end
  end
  return false
end
local function keeps_everything()
  local known, stored = unpack(redis.call('HMGET', GAPS, 'server', 'spans'))
  read_spans(stored)
  return #spans == 0 and known == server_id()
end
local function may_be_lost(scheduled_at)
  watch_server()
  return is_in_gap(scheduled_at)
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
  local kept = task.retentionMs
  if is_in_gap(task.scheduledAt) then kept = math.max(kept, task.timeout - now + kept) end
  redis.call('SET', DONE .. task.id, raw, 'PX', text(kept))
  redis.call('PEXPIRE', LOG .. task.id, text(kept))
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
local function announce_anew(task, due_at)
  local first, number = string.match(task.announceToken, '^(.-)%.(%d+)$')
  task.announceToken = (first or task.announceToken) .. '.' .. text((tonumber(number) or 0) + 1)
  save_task(task)
  redis.call('ZREM', ANNOUNCED, task.id)
  redis.call('ZADD', OUTBOX, text(due_at), task.id)
end
local function requeue_task(task, due_at, by_owner)
  task.state = 'scheduled'
  task.releasedByOwner = by_owner
  task.dueAt = due_at
  announce_anew(task, due_at)
  redis.call('ZREM', LEASE, task.id)
  redis.call('ZREM', RUNNING .. task.scheduler, task.id)
  redis.call('ZADD', WAITING .. task.scheduler, text(-task.scheduledAt), task.id)
  tell_event('requeue', task)
end
local function scope_of(task)
  if not task.handle then return nil end
  local is_read, handle = pcall(cjson.decode, task.handle)
  return is_read and type(handle.scope) == 'string' and handle.runtime .. ':' .. handle.scope or nil
end
local function count_failure(task)
  task.failures = task.failures + 1
  return task.failures >= task.maxAttempts
end
local function end_lost(task)
  local message = 'The task has failed ' .. text(task.failures) .. ' times; the last time its owner ' .. task.instance .. ' vanished.'
  end_task(task, { outcome = 'aborted', reason = cjson.encode({ code = 'lost', message = message }) })
end
local function recover_task(task)
  local is_used_up = not scope_of(task) and count_failure(task)
  local is_past, was_aborting = task.timeout <= now, task.state == 'aborting'
  if not is_past and not was_aborting and not is_used_up then
    requeue_task(task, now)
    return nil
  end
  end_lost(task)
  return is_past and 'expired' or was_aborting and 'aborting' or 'exhausted'
end
local function abandon_work(task)
  if not task.releasedByOwner and count_failure(task) then
    end_lost(task)
    return 'exhausted'
  end
  task.handle = nil
  task.run = task.run + 1
  return nil
end
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
`,
};

/** scripts/watch-server.lua */
export const watchServer: Script = {
  name: "watch-server",
  sha1: "3ccca6bced324d5125c072429dbe5a059d256865",
  lua: `#!lua flags=allow-oom
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
local args = { unpack(ARGV, 5) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  return value or ''
end
local LONGEST_TIMEOUT = 2592000000
local SLACK = 60000
local spans, is_watched = nil, false
local function read_spans(stored)
  spans = {}
  for from, till in string.gmatch(stored or '', '(%d+)-(%d+)') do
    if now < till + LONGEST_TIMEOUT then spans[#spans + 1] = { tonumber(from), tonumber(till) } end
  end
end
local function add_span(from, till)
  local last = spans[#spans]
  if last and from <= last[2] then
    last[1], last[2] = math.min(last[1], from), math.max(last[2], till)
  else
    spans[#spans + 1] = { from, till }
  end
end
local function server_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end
local function watch_server()
  if is_watched then return end
  is_watched = true
  local server = server_id()
  local known, seen_at, stored = unpack(redis.call('HMGET', GAPS, 'server', 'seenAt', 'spans'))
  seen_at = tonumber(seen_at)
  read_spans(stored)
  if known == server then
    if math.abs(now - seen_at) >= 1000 then redis.call('HSET', GAPS, 'seenAt', text(now)) end
    return
  end
  if known then
    add_span(math.max(0, seen_at - SLACK), math.max(seen_at, now) + SLACK)
  else
    add_span(0, now)
  end
  local lines = {}
  for i, span in ipairs(spans) do lines[i] = text(span[1]) .. '-' .. text(span[2]) end
  redis.call('HSET', GAPS, 'server', server, 'seenAt', text(now), 'spans', table.concat(lines, ' '))
end
local function is_in_gap(scheduled_at)
  if not spans then
    local stored = redis.call('HGET', GAPS, 'spans')
    if stored then read_spans(stored) else watch_server() end
  end
  for _, span in ipairs(spans) do
    if span[1] <= scheduled_at and scheduled_at <= span[2] then return true end
  end
  return false
end
local function keeps_everything()
  local known, stored = unpack(redis.call('HMGET', GAPS, 'server', 'spans'))
  read_spans(stored)
  return #spans == 0 and known == server_id()
end
local function may_be_lost(scheduled_at)
  watch_server()
  return is_in_gap(scheduled_at)
end
watch_server()
return { 'ok' }
`,
};
