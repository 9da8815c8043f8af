#!lua flags=no-writes
-- Reads a stretch of a shard's live tasks, newest first, then by id.
--
-- Atomic because a task that moves between the two indexes of its scheduler must be met exactly once.
--
-- The score of a task in the indexes of its scheduler is the time at which it was scheduled, negated: the newest comes
-- first, and those of one millisecond are sorted by id.
--
-- KEYS: see shared/shard.lua
-- args: 1 scheduler or '' for all, 2 state or '' for all, 3 at most this many entries, 4 after a task of this
--   score ('-inf' for the first) and 5 this id
-- Returns {score and id of the last entry that was looked at, or '' and '' when there are no more; then for
--   each task its id and its record without the Task JSON}
-- include: shared/shard.lua
-- include: shared/record.lua

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
