-- How long until the first member of an index is due, in milliseconds; '' when it has none.
local function next_due(index)
  local first = redis.call('ZRANGE', index, 0, 0, 'WITHSCORES')
  if #first == 0 then return '' end
  return math.max(0, tonumber(first[2]) - now)
end
