#!lua flags=no-writes
-- Reads what has happened in a shard, oldest first, and tells whether the position is one from which nothing is missing.
--
-- Atomic because events may be dropped between the two looks.
--
-- KEYS: see shared/shard.lua
-- args: 1 after this stream id, '0-0' for the first, 2 at most this many
-- Returns {1 if events after the position are not kept any more, or it is none of this stream's, else 0; the stream id after
--   which everything is new; then for each event {stream id, {name, value, ...}}}
-- include: shared/shard.lua

local stream = { ['entries-added'] = 0, length = 0, ['last-generated-id'] = '0-0' }
if redis.call('EXISTS', EVENTS) == 1 then
  local info = redis.call('XINFO', 'STREAM', EVENTS)
  for i = 1, #info, 2 do stream[info[i]] = info[i + 1] end
end

local after, is_gap = args[1], nil
if after == '0-0' then
  is_gap = stream['entries-added'] > stream.length
else
  -- A position is that of an event which was there: in a stream that has lost its last ones, or that is new, it is not.
  is_gap = #redis.call('XRANGE', EVENTS, after, after) == 0
end
local events = redis.call('XRANGE', EVENTS, '(' .. after, '+', 'COUNT', args[2])
return { is_gap and 1 or 0, stream['last-generated-id'], unpack(events) }
