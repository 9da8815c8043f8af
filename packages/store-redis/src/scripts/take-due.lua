#!lua flags=allow-oom
-- Takes the tasks of a shard that are to be announced now. Each moves on by 10 s in the outbox: nobody else takes it in
-- the meantime, and it comes back if whoever took it crashes before it is announced (I7).
--
-- Atomic because two sweepers must not take the same task.
--
-- KEYS: see shared/shard.lua
-- args: 1 at most this many, 2 at most this many bytes of Task JSON (but at least one task)
-- Returns {milliseconds until the next one is due or '', then for each: id, scheduler, Task JSON, announce token,
--   scheduledAt, attempt, traceparent or ''}
-- include: shared/shard.lua
-- include: shared/record.lua
-- include: shared/next-due.lua

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
