-- UTF-8: the second byte of a character and those after it are from 0x80 to 0xBF.
local function continues(bytes, at)
  local byte = string.byte(bytes, at)
  return byte ~= nil and byte >= 0x80 and byte < 0xC0
end

-- How many of the first `length` bytes are whole characters.
local function whole_characters(bytes, length)
  while length > 0 and continues(bytes, length + 1) do length = length - 1 end
  return length
end
