-- The gaps of a shard: the spans of time, both ends included, in which what was scheduled may be missing because the
-- server has lost what it had acknowledged. A span is dropped when whatever was scheduled in it has timed out.
--
-- A server that has started anew, or another one that has taken over, may have lost the last writes: its run_id tells.
-- A hash with `server` (its run_id), `seenAt` (when it was last looked at) and `spans` (`from-until`, separated by spaces).
local LONGEST_TIMEOUT = 2592000000
-- Writes that were acknowledged at most so long before the end of a server may be lost, and another server's clock may
-- be off by as much.
local SLACK = 60000
local spans, is_watched = nil, false

local function read_spans(stored)
  spans = {}
  for from, till in string.gmatch(stored or '', '(%d+)-(%d+)') do
    if now < till + LONGEST_TIMEOUT then spans[#spans + 1] = { tonumber(from), tonumber(till) } end
  end
end

local function add_span(from, till)
  local last = spans[#spans]
  if last and from <= last[2] then
    last[1], last[2] = math.min(last[1], from), math.max(last[2], till)
  else
    spans[#spans + 1] = { from, till }
  end
end

local function server_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end

-- Looks whether this is still the server that was seen last, and opens a gap if it is not.
local function watch_server()
  if is_watched then return end
  is_watched = true
  local server = server_id()
  local known, seen_at, stored = unpack(redis.call('HMGET', GAPS, 'server', 'seenAt', 'spans'))
  seen_at = tonumber(seen_at)
  read_spans(stored)
  if known == server then
    -- Each write is one of the append-only file too: a second is exact enough. A clock can be set back.
    if math.abs(now - seen_at) >= 1000 then redis.call('HSET', GAPS, 'seenAt', text(now)) end
    return
  end
  if known then
    add_span(math.max(0, seen_at - SLACK), math.max(seen_at, now) + SLACK)
  else
    add_span(0, now)
  end
  local lines = {}
  for i, span in ipairs(spans) do lines[i] = text(span[1]) .. '-' .. text(span[2]) end
  redis.call('HSET', GAPS, 'server', server, 'seenAt', text(now), 'spans', table.concat(lines, ' '))
end

local function is_in_gap(scheduled_at)
  if not spans then
    local stored = redis.call('HGET', GAPS, 'spans')
    if stored then read_spans(stored) else watch_server() end
  end
  for _, span in ipairs(spans) do
    if span[1] <= scheduled_at and scheduled_at <= span[2] then return true end
  end
  return false
end

-- Whether no task at all may have been lost. It only reads: a gap that nobody has noted yet counts as one.
local function keeps_everything()
  local known, stored = unpack(redis.call('HMGET', GAPS, 'server', 'spans'))
  read_spans(stored)
  return #spans == 0 and known == server_id()
end

-- Whether a task may have been lost of which there is neither a record nor a tombstone.
local function may_be_lost(scheduled_at)
  watch_server()
  return is_in_gap(scheduled_at)
end
