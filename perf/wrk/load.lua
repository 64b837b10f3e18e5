-- What the scripts beside this share: the bodies, and the functions that wrk calls. A script does
--   package.path = debug.getinfo(1, "S").source:match("^@(.*/)") .. "?.lua;" .. package.path
--   require("load").run(script)
-- where `script` has
--   argument        how many of what the script is about, unless `-- N` says otherwise
--   writes          how many writes are made before the clock starts, so that wrk is not measured
--   write(i, n)     the i-th of them: one request or several
--   records(n)      how many records a request has
--   each(n)         instead of writes and write: a function that makes each write when it is due
-- In the end wrk prints a name and a number a line; summary() has which.

local load = {}

local headers = { ["Content-Type"] = "application/json" }

function load.post(path, body)
  return wrk.format("POST", path, headers, body)
end

-- A reading of a made-up device; both it and its time differ from request to request. None raises
-- an alert.
function load.reading(i)
  return string.format(
    '{"device_id":"dev-%06d","timestamp":%d,"heart_rate":%d.%d,"blood_oxygen":%d}',
    (load.first + i) % 1000000, load.now_ms + i, math.random(50, 140), math.random(0, 9),
    math.random(90, 100))
end

local function summary(total, latency, records)
  local lines = {
    { "answers", total.requests },
    { "non-2xx", total.errors.status }, -- wrk calls an answer of 400 and above so
    { "records", (total.requests - total.errors.status) * records }, -- acknowledged
    { "duration_us", total.duration },
    { "answer_bytes", total.bytes },
    { "socket_errors", total.errors.connect + total.errors.read + total.errors.write },
    { "over_2_s", total.errors.timeout },
    { "closed_loop_p50_us", latency:percentile(50) },
    { "closed_loop_p99_us", latency:percentile(99) },
    { "closed_loop_p99.9_us", latency:percentile(99.9) },
  }
  for _, line in ipairs(lines) do
    print(string.format("%s: %.0f", line[1], line[2]))
  end
end

function load.run(script)
  local threads = {}

  function setup(thread)
    table.insert(threads, thread)
    thread:set("thread_number", #threads)
  end

  function init(args)
    local n = tonumber(args[1] or script.argument)
    records_a_request = script.records(n) -- global: done() runs elsewhere and asks a thread for it
    math.randomseed(os.time() * 64 + thread_number)
    load.first = math.random(0, 900000)
    load.now_ms = os.time() * 1000
    load.thread = thread_number
    if script.each then
      request = script.each(n)
      return
    end
    local writes = {}
    for i = 1, script.writes do
      writes[i] = script.write(i, n)
    end
    local last = 0
    function request()
      last = last % script.writes + 1
      return writes[last]
    end
  end

  function done(total, latency)
    summary(total, latency, threads[1]:get("records_a_request"))
  end
end

return load
