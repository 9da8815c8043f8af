-- What every script on a shard begins with.
--
-- KEYS: the families of keys of one shard, in the order of keys.ts; a family that ends in a colon is completed by an id
--   or a scheduler's name. All carry the shard's hash tag, so that whatever is built from them is in the same slot.
-- ARGV[1], ARGV[2]: the channels of an instance and of a task's end, to be completed by its id.
-- ARGV[3], ARGV[4]: how many events and how many tombstones are kept.
-- ARGV[5] and on: what the script itself documents as args.
local TASK, DONE, TIMEOUT, LEASE, OUTBOX, ANNOUNCED, WAITING, RUNNING, NAMES, CLAIMED, ENDED, EVENTS, GAPS, LOG =
  unpack(KEYS)
local args = { unpack(ARGV, 5) }

-- One moment for the whole script: Redis freezes TIME while a script runs.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- Lua would write large numbers in scientific notation.
local function text(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  return value or ''
end
