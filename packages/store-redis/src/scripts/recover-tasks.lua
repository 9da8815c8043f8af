#!lua flags=allow-oom
-- Takes the tasks of a shard whose lease has ended from their owners: they wait again, or end. It also looks whether the
-- server is still the same: see shared/gap.lua.
--
-- Atomic because an owner must either renew before, and keep the task, or after, and be told that it has lost it (I3).
--
-- KEYS: see shared/shard.lua
-- args: 1 at most this many
-- Returns {milliseconds until the next lease ends or '', ids...}
-- include: shared/shard.lua
-- include: shared/record.lua
-- include: shared/event.lua
-- include: shared/gap.lua
-- include: shared/end-task.lua
-- include: shared/requeue-task.lua
-- include: shared/next-due.lua

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
