-- One reading a request, as no two devices write it: each request has an identifier in its head, the
-- fields come in another order, with spaces, and the device's name has an escape. So nothing of it
-- was met before, and simdjson reads the record. 2,048 different heads go round.
--   wrk -t1 -c64 -d10s -s perf/wrk/vitals_varied.lua http://127.0.0.1:8080
package.path = debug.getinfo(1, "S").source:match("^@(.*/)") .. "?.lua;" .. package.path
local load = require("load")

local kReading = '{ "heart_rate": %d.%d, "blood_oxygen": %d, "timestamp": %d, '
  .. '"device_id": "dev\\u002d%06d" }'

load.run({
  argument = 1,
  writes = 2048,
  records = function()
    return 1
  end,
  write = function(i)
    local body = kReading:format(math.random(50, 140), math.random(0, 9), math.random(90, 100),
      load.now_ms + i, (load.first + i) % 1000000)
    return wrk.format("POST", "/v1/vitals", {
      ["Content-Type"] = "application/json",
      ["X-Request-Id"] = string.format("%08x-%08x", math.random(0, 2 ^ 31 - 1), i),
    }, body)
  end,
})
