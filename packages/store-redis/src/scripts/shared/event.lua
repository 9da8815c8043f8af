-- Adds what has happened to a task to the shard's capped stream. `ending` is given with the terminal events.
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
