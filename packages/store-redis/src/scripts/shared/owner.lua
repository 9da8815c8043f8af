-- Finds a task for one who says that it owns it (I3, I4). Returns the task if (attempt, token) are those of the claim that
-- holds it; else nil and the answer: 'stale' (the task was given to another or taken back), 'gone' (it has ended) or
-- 'lost' (its record is missing). Also returns the tombstone, if this very owner has ended the task, and '1', if this
-- very owner has released it: a repeated call then gets the answer of the first. Needs shared/gap.lua.
local function find_owned(id, attempt, token, scheduled_at)
  local task = find_task(id)
  if task then
    if task.attempt ~= attempt or task.token ~= token then return nil, 'stale' end
    if is_owned(task) then return task end
    return nil, 'stale', nil, task.releasedByOwner
  end
  local tombstone, raw = find_tombstone(id)
  if not tombstone then return nil, may_be_lost(scheduled_at) and 'lost' or 'gone' end
  if tombstone.attempt ~= attempt or tombstone.token ~= token then return nil, 'stale' end
  return nil, 'gone', tombstone.closedByOwner and raw
end
