#!lua flags=no-writes
-- Reads what has happened in a shard, oldest first, and tells whether the position is one from which nothing is missing.
--
-- Atomic because events may be dropped between the two looks.
--
-- KEYS: see shared/shard.lua
-- args: 1 after this stream id, '0-0' for the first, 2 at most this many
-- Returns {1 if events after the position are not kept any more, or it is none of this stream's, else 0; then for each event
--   {stream id, {name, value, ...}}}
-- include: shared/shard.lua

local function has_dropped()
  if redis.call('EXISTS', EVENTS) == 0 then return false end
  local info = redis.call('XINFO', 'STREAM', EVENTS)
  local numbers = {}
  for i = 1, #info, 2 do numbers[info[i]] = info[i + 1] end
  return numbers['entries-added'] > numbers['length']
end

local after, is_gap = args[1], nil
if after == '0-0' then is_gap = has_dropped() else is_gap = #redis.call('XRANGE', EVENTS, after, after) == 0 end
return { is_gap and 1 or 0, unpack(redis.call('XRANGE', EVENTS, '(' .. after, '+', 'COUNT', args[2])) }
