#!lua flags=allow-oom
-- Renews the leases of up to 100 tasks, each from now on.
--
-- Atomic for each task because only its owner may renew (I4); one script for all of them because there are many.
--
-- KEYS: see shared/shard.lua
-- args: 1 deadline of this call, then for each task: id, attempt, claim token, scheduledAt
-- Returns for each task 'ok' or 'stop' and remainingMs, or 'stale', 'gone' or 'lost' and 0; {'late'}: nothing has been done
-- include: shared/shard.lua
-- include: shared/record.lua
-- include: shared/gap.lua
-- include: shared/owner.lua

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
