-- One reading a request: the load that a fleet of devices makes.
--   wrk -t1 -c64 -d10s -s perf/wrk/vitals.lua http://127.0.0.1:8080
-- The requests are made before the clock starts, so that wrk is not what is measured. In the end
-- it prints how many answers were not 2xx, and how many records were acknowledged.

local kRequests = 4096

local requests = {}
local last = 0

-- A reading of a made-up device; both it and its time differ from request to request.
local function reading(i)
  return string.format(
    '{"device_id":"dev-%06d","timestamp":%d,"heart_rate":%d.%d,"blood_oxygen":%d}',
    i, os.time() * 1000 + i, math.random(50, 140), math.random(0, 9), math.random(90, 100))
end

function init(args)
  math.randomseed(os.time())
  local first = math.random(0, 900000)
  local headers = { ["Content-Type"] = "application/json" }
  for i = 1, kRequests do
    requests[i] = wrk.format("POST", "/v1/vitals", headers, reading(first + i))
  end
end

function request()
  last = last % kRequests + 1
  return requests[last]
end

-- wrk calls an answer of 400 and above an error of status.
function done(summary)
  print(string.format("non-2xx: %d", summary.errors.status))
  print(string.format("records: %d", summary.requests - summary.errors.status))
end
