-- One reading a request: the load that a fleet of devices makes.
--   wrk -t1 -c64 -d10s -s perf/wrk/vitals.lua http://127.0.0.1:8080
package.path = debug.getinfo(1, "S").source:match("^@(.*/)") .. "?.lua;" .. package.path
local load = require("load")

load.run({
  argument = 1,
  writes = 4096,
  records = function()
    return 1
  end,
  write = function(i)
    return load.post("/v1/vitals", load.reading(i))
  end,
})
