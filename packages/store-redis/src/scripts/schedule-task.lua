#!lua
-- Accepts a task: record, indexes, outbox and event `add` (I1), once for each id (I12).
--
-- Atomic because the look for an earlier task of this id, the check of the timeout by Redis' clock and the writes must
-- not be separated. Runs without allow-oom on purpose: a Redis that is out of memory accepts nothing new.
--
-- KEYS: see shared/shard.lua
-- args: 1 id, 2 deadline of this call, 3 Task JSON, 4 content hash, 5 timeout, 6 '1' if the creator gave it,
--   7 notBefore or '', 8 longest time to the timeout, 9 retention, 10 announce token, 11 traceparent or '', 12 scheduler
-- Returns {'scheduled', scheduledAt, dueInMs}, {'exists', 'live', record}, {'exists', 'done', tombstone}, {'conflict'},
--   {'timeout_passed'}, {'timeout_too_far'}, or {'late'}: nothing has been done
-- include: shared/shard.lua
-- include: shared/record.lua
-- include: shared/event.lua

if now > tonumber(args[2]) then return { 'late' } end
local id, hash, timeout, scheduler = args[1], args[4], tonumber(args[5]), args[12]
-- One that has passed counts as none, at the first call and at a repeat.
local not_before = tonumber(args[7])
if not_before and not_before <= now then not_before = nil end

local function is_same(earlier)
  return earlier.contentHash == hash
    and (args[6] ~= '1' or tonumber(earlier.timeout) == timeout)
    and (not not_before or tonumber(earlier.notBefore) == not_before)
end

local earlier = find_task(id)
if earlier then
  if is_same(earlier) then return { 'exists', 'live', pack_task(earlier) } end
  return { 'conflict' }
end
local tombstone, raw = find_tombstone(id)
if tombstone then
  if is_same(tombstone) then return { 'exists', 'done', raw } end
  return { 'conflict' }
end
if timeout <= now then return { 'timeout_passed' } end
if timeout > now + tonumber(args[8]) then return { 'timeout_too_far' } end

local due_at = not_before or now
local task = {
  id = id, body = args[3], format = '1', state = 'scheduled', attempt = 0, scheduledAt = now, timeout = timeout,
  scheduler = scheduler, failures = 0, run = 1, dueAt = due_at, announceToken = args[10], contentHash = hash,
  retentionMs = tonumber(args[9]), notBefore = not_before and args[7], traceparent = args[11],
}
save_task(task)
redis.call('ZADD', TIMEOUT, text(timeout), id)
redis.call('ZADD', WAITING .. scheduler, text(-now), id)
redis.call('SADD', NAMES, scheduler)
-- Whoever scheduled it announces a task that is due at once; the outbox is there in case that he cannot.
redis.call('ZADD', OUTBOX, text(due_at > now and due_at or now + 5000), id)
tell_event('add', task)
return { 'scheduled', now, due_at - now }
