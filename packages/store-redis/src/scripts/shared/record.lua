-- The record of a live task and the tombstone of a done one: a line for each field, in this order, then the Task JSON
-- (records only), byte by byte as it was scheduled. No field contains a line break; an absent one is an empty line.
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
local RECORD_PATTERN = '^' .. string.rep('([^\n]*)\n', #RECORD_FIELDS) .. '()'
local TOMBSTONE_PATTERN = '^' .. string.rep('([^\n]*)\n', #TOMBSTONE_FIELDS) .. '()'

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
  return table.concat(lines, '\n')
end

-- The task as a table of its fields, with its id and its body; nil when there is no record.
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

-- The tombstone as a table of its fields, and as it is stored; nil when there is none.
local function find_tombstone(id)
  local raw = redis.call('GET', DONE .. id)
  if not raw then return nil end
  return unpack_fields(raw, TOMBSTONE_PATTERN, TOMBSTONE_FIELDS), raw
end

local function is_owned(task)
  return task.state == 'running' or task.state == 'aborting'
end
