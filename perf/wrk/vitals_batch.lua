-- N readings a request (100 unless told), as one JSON array: the load that a hub makes.
--   wrk -t1 -c64 -d10s -s perf/wrk/vitals_batch.lua http://127.0.0.1:8080 -- 100
package.path = debug.getinfo(1, "S").source:match("^@(.*/)") .. "?.lua;" .. package.path
local load = require("load")

load.run({
  argument = 100,
  writes = 128,
  records = function(n)
    return n
  end,
  write = function(i, n)
    local readings = {}
    for j = 1, n do
      readings[j] = load.reading(i * n + j)
    end
    return load.post("/v1/vitals", "[" .. table.concat(readings, ",") .. "]")
  end,
})
