-- One reading a request, N requests (16 unless told) sent at once on each connection, answers in
-- order.
--   wrk -t1 -c64 -d10s -s perf/wrk/vitals_pipelined.lua http://127.0.0.1:8080 -- 16
package.path = debug.getinfo(1, "S").source:match("^@(.*/)") .. "?.lua;" .. package.path
local load = require("load")

load.run({
  argument = 16,
  writes = 256,
  records = function()
    return 1
  end,
  write = function(i, n)
    local requests = {}
    for j = 1, n do
      requests[j] = load.post("/v1/vitals", load.reading(i * n + j))
    end
    return table.concat(requests)
  end,
})
