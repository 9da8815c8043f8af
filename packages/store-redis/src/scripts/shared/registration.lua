-- The keys of one scheduler, which share its hash tag.
-- KEYS: 1 registration, 2 instances, 3 when each instance was to be heard of at the latest
local REGISTRATION, INSTANCES, EXPIRY = KEYS[1], KEYS[2], KEYS[3]

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function text(value)
  return string.format('%.0f', value)
end
