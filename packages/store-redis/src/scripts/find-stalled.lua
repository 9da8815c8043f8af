#!lua flags=no-writes
-- Finds the tasks of a shard that wait although they were announced long ago, the longest first.
--
-- Atomic because a task must not be claimed between the look at the index and the look at its record.
--
-- KEYS: see shared/shard.lua
-- args: 1 at most this many, 2 announced at least so long ago, in milliseconds, 3 leaves out so many
-- Returns for each: id, scheduler, announce token, 1 if a task of its scheduler that was announced so much later at least
--   has been claimed, else 0
-- include: shared/shard.lua
-- include: shared/record.lua

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
