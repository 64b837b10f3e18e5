-- One reading a request, N of 100 of them (1 unless told) out of bounds: those are right to be
-- answered 400.
--   wrk -t1 -c64 -d10s -s perf/wrk/vitals_bad.lua http://127.0.0.1:8080 -- 1
package.path = debug.getinfo(1, "S").source:match("^@(.*/)") .. "?.lua;" .. package.path
local load = require("load")

local kBad = '{"device_id":"dev-%06d","timestamp":%d,"heart_rate":999,"blood_oxygen":98}'

load.run({
  argument = 1,
  writes = 4000,
  records = function()
    return 1
  end,
  write = function(i, n)
    if i % 100 < n then
      return load.post("/v1/vitals", kBad:format(i, load.now_ms + i))
    end
    return load.post("/v1/vitals", load.reading(i))
  end,
})
