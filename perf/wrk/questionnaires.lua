-- Questionnaires of N answers (20 unless told), each a patient's own: the route has an identity, so
-- one that was sent before would not be stored again. Of each request only the patient is made when
-- it is due.
--   wrk -t1 -c64 -d10s -s perf/wrk/questionnaires.lua http://127.0.0.1:8080 -- 20
package.path = debug.getinfo(1, "S").source:match("^@(.*/)") .. "?.lua;" .. package.path
local load = require("load")

local kAnswer = '","question_id":"q-%02d","answer":%d,"submit_time":"2026-01-01T08:%02d:00Z"}'
local kPatient = "pat-%02d-%09d"

load.run({
  argument = 20,
  records = function(n)
    return n
  end,
  each = function(n)
    local parts = {} -- the patient stands at every even place
    for i = 1, n do
      parts[2 * i - 1] = (i == 1 and "[" or parts[2 * i - 1] .. ",") .. '{"patient_id":"'
      parts[2 * i] = kPatient:format(load.thread, 0)
      parts[2 * i + 1] = kAnswer:format(i, math.random(0, 4), i % 60)
    end
    parts[2 * n + 1] = parts[2 * n + 1] .. "]"
    local whole = load.post("/v1/questionnaires", table.concat(parts))
    parts[1] = whole:match("^(.-\r\n\r\n)") .. parts[1]
    local patient = load.first * 100
    return function()
      patient = patient + 1
      local name = kPatient:format(load.thread, patient)
      for i = 2, 2 * n, 2 do
        parts[i] = name
      end
      return table.concat(parts)
    end
  end,
})
