-- Takes records by POST and puts each into a Redis stream, over a pool of connections to Redis that
-- are kept alive: one XADD for a record; a request's several records as one MULTI ... EXEC, sent as
-- a pipeline.
--
-- Promises: 200 after Redis has answered that it has all of the request's records; 400 when one
-- is bad, and none stored; 503 when Redis did not take them.
local cjson = require "cjson.safe"
local redis = require "nginx.redis"

local kPool = { pool_size = 64, backlog = 4096 } -- of each worker: what is above waits in line
local kTimeoutMs = 5000
local kIdleMs = 3600000

local ingest = {}

local function is_text(value)
  return type(value) == "string" and #value >= 1 and #value <= 128
end

local function is_integer(value, low, high)
  return type(value) == "number" and value >= low and value <= high and value % 1 == 0
end

local function is_within(value, low, high)
  return type(value) == "number" and value >= low and value <= high
end

local kTime = [[^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$]]

local function is_time(value)
  return type(value) == "string" and ngx.re.find(value, kTime, "jo") ~= nil
end

-- A reading as the fields and values of its entry; nothing if it is a bad one.
function ingest.vital(record)
  local rate, oxygen = record.heart_rate, record.blood_oxygen
  if rate == cjson.null then rate = nil end
  if oxygen == cjson.null then oxygen = nil end
  -- A double holds whole numbers up to 2^53.
  if not is_integer(record.timestamp, -2 ^ 53, 2 ^ 53) then return end
  if not is_text(record.device_id) then return end
  if not (rate or oxygen) then return end
  if rate and not is_within(rate, 0, 350) then return end
  if oxygen and not is_within(oxygen, 0, 100) then return end

  local timestamp = ("%d"):format(record.timestamp) -- tostring() gives 14 digits at most
  local fields = { "device_id", record.device_id, "timestamp", timestamp }
  local n = 4
  if rate then
    fields[n + 1], fields[n + 2], n = "heart_rate", rate, n + 2
  end
  if oxygen then
    fields[n + 1], fields[n + 2] = "blood_oxygen", oxygen
  end
  return fields
end

-- The same of a questionnaire's answer.
function ingest.answer(record)
  if is_text(record.patient_id) and is_text(record.question_id)
      and is_integer(record.answer, -2 ^ 31, 2 ^ 31 - 1) and is_time(record.submit_time) then
    return { "patient_id", record.patient_id, "question_id", record.question_id,
      "answer", record.answer, "submit_time", record.submit_time }
  end
end

local function reply(status, body)
  ngx.status = status
  ngx.header["Content-Length"] = #body
  ngx.print(body)
end

-- The body's records as lists of fields; nothing if one is bad, or there is none.
local function read_entries(body, to_fields)
  local records = body and cjson.decode(body)
  if type(records) ~= "table" then return end
  if body:find("^%s*{") then records = { records } end
  local entries = {}
  for i, record in ipairs(records) do
    entries[i] = type(record) == "table" and to_fields(record)
    if not entries[i] then return end
  end
  return #entries > 0 and entries
end

-- True when Redis has all of them, else nothing and why.
local function store_all(connection, stream, entries)
  connection:init_pipeline(#entries + 2)
  connection:multi()
  for _, fields in ipairs(entries) do connection:xadd(stream, "*", unpack(fields)) end
  connection:exec()
  local results, err = connection:commit_pipeline()
  if not results then return nil, err end
  local ids = results[#results]
  if type(ids) ~= "table" or ids[1] == false then return nil, "EXEC was refused" end
  for _, id in ipairs(ids) do
    if type(id) ~= "string" then return nil, "an XADD failed" end
  end
  return true
end

local function store(stream, entries)
  local connection = redis:new()
  connection:set_timeout(kTimeoutMs)
  local ok, err = connection:connect(ingest.redis_address, kPool)
  if not ok then return nil, err end
  if #entries == 1 then
    ok, err = connection:xadd(stream, "*", unpack(entries[1]))
  else
    ok, err = store_all(connection, stream, entries)
  end
  if ok then connection:set_keepalive(kIdleMs) else connection:close() end
  return ok, err
end

-- Answers the request under way. `to_fields` is ingest.vital or ingest.answer.
function ingest.post(stream, to_fields)
  ngx.req.read_body()
  local entries = read_entries(ngx.req.get_body_data(), to_fields)
  if not entries then return reply(400, '{"success":false}') end
  local ok, err = store(stream, entries)
  if not ok then
    ngx.log(ngx.ERR, "not stored: ", err)
    return reply(503, '{"success":false}')
  end
  return reply(200, '{"success":true,"accepted":' .. #entries .. "}")
end

return ingest
