-- What the Lua clients share: the login, the texts and the checks.
io.stdout:setvbuf 'line'
local env = os.getenv

local function read(variable)
  local file = assert(io.open(env(variable), 'rb'))
  local text = file:read 'a'
  file:close()
  return text
end

local X = {
  H = env 'CQ_HOST',
  P = tonumber(env 'CQ_PORT'),
  U = env 'CQ_USER',
  W = env 'CQ_PASS',
  DB = env 'CQ_DB',
  TAG = env 'CQ_TAG',
  ID = tonumber(env 'CQ_ID'),
  N = tonumber(env 'CQ_N'),
  T = read 'CQ_TRICKY',
  BIG = read 'CQ_BIG',
}

function X.ok(name, right, why)
  print(right and 'ok ' .. name or 'not ok ' .. name .. ' # ' .. tostring(why):gsub('\n', ' '):sub(1, 250))
  return right
end

function X.eq(name, expected, got)
  return X.ok(name, expected == got, 'want ' .. tostring(expected):sub(1, 80) .. ' got ' .. tostring(got):sub(1, 100))
end

-- An error fails the check of that name.
function X.tr(name, run)
  local done, problem = pcall(run)
  if not done then X.ok(name, false, problem) end
end

return X
