-- Puts a task into the outbox under a new announce token, so that a late confirm of an earlier announcement does not
-- count (I7).
local function announce_anew(task, due_at)
  local first, number = string.match(task.announceToken, '^(.-)%.(%d+)$')
  task.announceToken = (first or task.announceToken) .. '.' .. text((tonumber(number) or 0) + 1)
  save_task(task)
  redis.call('ZREM', ANNOUNCED, task.id)
  redis.call('ZADD', OUTBOX, text(due_at), task.id)
end

-- Lets a task wait again from `due_at` on (`by_owner` is '1' if its owner says so, else nil), out of its owner's hands.
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

-- Where the work of a task may be running without its owner; nil if it does not outlive him, or was not started. A handle
-- that cjson cannot read (it is nested too deep) has none: it must not keep the others of its shard from being recovered.
local function scope_of(task)
  if not task.handle then return nil end
  local is_read, handle = pcall(cjson.decode, task.handle)
  return is_read and type(handle.scope) == 'string' and handle.runtime .. ':' .. handle.scope or nil
end

-- Counts a failure. Returns whether that was one too many.
local function count_failure(task)
  task.failures = task.failures + 1
  return task.failures >= task.maxAttempts
end

-- Ends a task whose owners vanished too often.
local function end_lost(task)
  local message = 'The task has failed ' .. text(task.failures) .. ' times; the last time its owner ' .. task.instance .. ' vanished.'
  end_task(task, { outcome = 'aborted', reason = cjson.encode({ code = 'lost', message = message }) })
end

-- Takes a task from an owner whose lease has ended. Work in a scope outlives its owner: nothing has failed then, until
-- nobody reaches it any more: see abandon_work. Returns the answer that a claim gives if that has ended the task, nil if
-- it waits again.
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

-- Forgets the work of a waiting task that nobody reaches any more: the task starts anew. If its owner had vanished and
-- not handed it over, it has failed with it. Returns the answer that a claim gives if that has ended the task.
local function abandon_work(task)
  if not task.releasedByOwner and count_failure(task) then
    end_lost(task)
    return 'exhausted'
  end
  task.handle = nil
  task.run = task.run + 1
  return nil
end
