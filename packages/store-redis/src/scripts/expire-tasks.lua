#!lua flags=allow-oom
-- Ends the tasks of a shard whose timeout has come, and tells their owners to stop.
--
-- Atomic because a task must not be finished or claimed between the look at its timeout and its end (I10).
--
-- KEYS: see shared/shard.lua
-- args: 1 at most this many
-- Returns {milliseconds until the next timeout or '', ids...}
-- include: shared/shard.lua
-- include: shared/record.lua
-- include: shared/event.lua
-- include: shared/gap.lua
-- include: shared/end-task.lua
-- include: shared/next-due.lua

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
