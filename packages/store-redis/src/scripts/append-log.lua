#!lua
-- Adds text to the log of a task, as far as it takes more, and then a line that says that it is cut; and notes with the
-- handle until when the log has what the work says.
--
-- Atomic because an owner that has lost the task must not write into its successor's log (I4), the log must not grow
-- beyond its limit, and the note must be true to it. Runs without allow-oom on purpose: a log is new memory.
--
-- KEYS: see shared/shard.lua
-- args: 1 id, 2 attempt, 3 claim token, 4 scheduledAt, 5 the text, 6 how many bytes a log takes, 7 what cuts it, longer
--   than a character, 8 when the last of the text was said, or ''
-- Returns {'ok'}, {'full'}, {'stale'}, {'gone'}, {'lost'}
-- include: shared/shard.lua
-- include: shared/record.lua
-- include: shared/gap.lua
-- include: shared/owner.lua
-- include: shared/whole-characters.lua

local task, refusal = find_owned(args[1], tonumber(args[2]), args[3], tonumber(args[4]))
if not task then return { refusal } end
local key, added = LOG .. task.id, args[5]
local room = tonumber(args[6]) - redis.call('STRLEN', key)
-- The line that says so makes a log longer than it may be.
if room < 0 then return { 'full' } end
if #added <= room then
  if added ~= '' then redis.call('APPEND', key, added) end
  if args[8] ~= '' and task.handle then
    -- Byte by byte: cjson would not give back the same JSON.
    local members = string.gsub(string.sub(task.handle, 2), '^"loggedAt":%d+,', '')
    task.handle = '{"loggedAt":' .. args[8] .. ',' .. members
    save_task(task)
  end
  return { 'ok' }
end
redis.call('APPEND', key, string.sub(added, 1, whole_characters(added, room)) .. args[7])
return { 'full' }
