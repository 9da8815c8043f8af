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

-- Takes a task from an owner whose lease has ended. Returns the answer that a claim gives if that has ended the task,
-- nil if it waits again.
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
