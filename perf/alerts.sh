#!/usr/bin/env bash
# Measures how long an alert takes until a consumer has read it: with no other load, at half of what
# sluice can take, and at twice that. See perf/README.md for what the numbers mean.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
  cat <<'USAGE'
usage: perf/alerts.sh [--json] [--rounds N] [--seconds N] [--rate N] [--workers N]
                      [--connections N] [--build DIR]

  --json           one JSON object instead of the tables
  --rounds N       rounds of all situations, in turns (2)
  --seconds N      seconds of alerts in each situation (3)
  --rate N         alerts a second (300)
  --workers N      of sluice (1)
  --connections N  of bulk that sends 1 reading a request (1024)
  --build DIR      where sluice, bulk and probe are (build)
USAGE
}

me=alerts build=$root/build
# shellcheck source=perf/servers.sh
source "$root/perf/servers.sh"

json=false rounds=2 seconds=3 rate=300 workers=1 connections=1024
while (($#)); do
  case $1 in
    --json) json=true ;;
    --help | -h) usage && exit 0 ;;
    --rounds | --seconds | --rate | --workers | --connections)
      [[ ${2-} =~ ^[1-9][0-9]*$ ]] || fail "$1 needs a number above 0"
      printf -v "${1#--}" %s "$2" && shift ;;
    --build)
      [[ -n ${2-} ]] || fail "$1 needs a value"
      build=$2 && shift ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done
need_programs sluice bulk probe

# A sluice each: its settings beside the defaults. With the small budget it is memory that ends,
# before anything else does, so that bulk is shed.
declare -A settings=(
  [defaults]=''
  [small]='SLUICE_DELIVERY_INFLIGHT_BYTES_MAX=160KiB SLUICE_URGENT_RESERVE_BYTES=32KiB
    SLUICE_DELIVERY_BATCH_BYTES_MAX=32KiB SLUICE_HTTP_BODY_BYTES_MAX=32KiB'
)
declare -A pid_of at_of admin_of capacity # the last: requests/s answered 200, by readings a request
# Each: name | which sluice | readings a bulk request | its connections | per cent of capacity
situations=(
  'idle|defaults|1|0|0'
  "half, 1 a request|defaults|1|$connections|50"
  "double, 1 a request|defaults|1|$connections|200"
  "double, 1, small budget|small|1|$connections|200"
  'half, 100 a request|defaults|100|512|50'
  'double, 100 a request|defaults|100|8192|200'
)
alerts_sent=0 stored_series='route="/v1/vitals".*stored'

start_servers() {
  local name
  start_redis
  for name in "${!settings[@]}"; do
    # shellcheck disable=SC2086 # several words
    start_sluice "$name" "$workers" ${settings[$name]}
    pid_of[$name]=$sluice_pid at_of[$name]=$sluice_at admin_of[$name]=$admin
  done
}

choose() { sluice_pid=${pid_of[$1]} sluice_at=${at_of[$1]} admin=${admin_of[$1]}; }

# value FILE NAME: a number that bulk or probe printed.
value() { awk -v name="$2" '$1 == name { print $2 }' "$1"; }

capacity_of() { awk '{ v[$1] = $2 } END { printf "%.0f\n", v["answered_200"] / v["seconds"] }' "$1"; }

# What stands in the stream is what sluice calls stored; what met its deadline may stand there too.
check_and_empty_stream() {
  local stored_before=$1 unknown_before=$2 stored unknown length
  await "$server" "$sluice_pid" nothing_in_flight
  stored=$(($(metric sluice_records_total "$stored_series") - stored_before))
  unknown=$(($(metric sluice_records_total unknown) - unknown_before))
  length=$(redis XLEN vitals)
  ((length >= stored && length <= stored + unknown)) ||
    fail "the stream has $length entries, sluice calls $stored stored and $unknown unknown"
  redis UNLINK vitals >/dev/null
}

# measure_capacity READINGS SECONDS: requests/s answered 200 when each connection sends as soon as
# it is answered.
measure_capacity() {
  local stored
  progress "capacity, $1 a request"
  stored=$(metric sluice_records_total "$stored_series")
  "$build/bulk" --http "$sluice_at" --readings "$1" --seconds "$2" \
    >"$work/capacity" 2>"$work/bulk.err" || fail "bulk: $(cat "$work/bulk.err")"
  capacity[$1]=$(capacity_of "$work/capacity")
  ((capacity[$1] > 0)) || fail "sluice answered no bulk: $(paste -sd ' ' "$work/capacity")"
  check_and_empty_stream "$stored" "$(metric sluice_records_total unknown)"
}

# Starts the bulk of a situation and lets it fill what it fills before the alerts begin; it goes on
# a little longer than they.
start_bulk() {
  local out=$1 readings=$2 connections=$3 percent=$4 warm=0.5
  if ((percent > 100)); then warm=1; fi
  "$build/bulk" --http "$sluice_at" --readings "$readings" --connections "$connections" \
    --rate $((capacity[$readings] * percent / 100)) \
    --seconds "$(awk -v s="$seconds" -v w="$warm" 'BEGIN { print s + w + 0.2 }')" \
    --latencies "$out.stored" >"$out.bulk" 2>"$work/bulk.err" &
  pids+=($!)
  sleep "$warm"
}

await_bulk() {
  local name=$1 out=$2
  wait "${pids[-1]}" || fail "$name: bulk: $(cat "$work/bulk.err")"
  unset 'pids[-1]'
  (($(value "$out.bulk" answered_other) + $(value "$out.bulk" unanswered) == 0)) ||
    fail "$name: bulk had other answers than 200 and 503, or none: $(paste -sd ' ' "$out.bulk")"
}

# Now, and what a process has used of processors and waited for them: s, ticks, ns.
used() {
  echo "$EPOCHREALTIME $(cpu_ticks "$1") $(awk '{ ns += $2 } END { print ns }' \
    "/proc/$1/task/"*/schedstat 2>/dev/null)"
}

# cores PID BEFORE: both a second since then, when used() said BEFORE.
cores() {
  awk -v hz="$ticks_a_second" '{ print "cores", ($5 - $2) / hz / ($4 - $1)
                                 print "waits", ($6 - $3) / 1e9 / ($4 - $1) }' \
    <<<"$2 $(used "$1")"
}

# run NUMBER ROUND: one situation once; leaves what was printed in $work/NUMBER.ROUND.*
run() {
  local out=$work/$1.$2 name server readings connections percent stored unknown shed
  local sluice_before redis_before
  IFS='|' read -r name server readings connections percent <<<"${situations[$1]}"
  progress "round $2 of $rounds: $name"
  choose "$server"
  stored=$(metric sluice_records_total "$stored_series")
  unknown=$(metric sluice_records_total unknown) shed=$(metric sluice_shed_total)
  : | tee "$out.bulk" >"$out.stored"
  if ((percent > 0)); then start_bulk "$out" "$readings" "$connections" "$percent"; fi

  sluice_before=$(used "$sluice_pid") redis_before=$(used "$redis_pid")
  "$build/probe" --http "$sluice_at" --redis "$work/redis.sock" --rate "$rate" \
    --seconds "$seconds" --latencies "$out.alerts" >"$out.probe" 2>"$work/probe.err" ||
    fail "$name: $(cat "$work/probe.err"): $(head -n 8 "$out.probe" | paste -sd ' ')"
  cores "$sluice_pid" "$sluice_before" >"$out.sluice"
  cores "$redis_pid" "$redis_before" >"$out.redis"

  if ((percent > 0)); then await_bulk "$name" "$out"; fi
  alerts_sent=$((alerts_sent + $(value "$out.probe" sent)))
  check_and_empty_stream "$stored" "$unknown"
  echo "shed $(($(metric sluice_shed_total) - shed))" >>"$out.bulk"
}

# pooled NAME FILE...: percentiles over all rounds, in ms, from the buckets that were written.
pooled() {
  local name=$1
  shift
  sort -g "$@" | awk -v name="$name" '
    { us[NR] = $1; count[NR] = $2; all += $2 }
    END {
      n = split("p50 p99 p999 max", name_of, " ")
      split("50 99 99.9 100", percent, " ")
      for (line = i = 1; i <= n; ++i) {
        while (line <= NR && seen < percent[i] / 100 * all - 1e-6) seen += count[line++]
        printf "%s_%s_ms %.3f\n", name, name_of[i], (line > 1 ? us[line - 1] : 0) / 1e3
      }
    }'
}

# summarize NUMBER: a situation's rounds together, a name and a number a line.
summarize() {
  pooled alert "$work/$1".*.alerts
  pooled bulk "$work/$1".*.stored
  awk -v rounds="$rounds" '
    { name = FILENAME; sub(/.*\./, "", name); name = name "_" $1
      sum[name] += $2
      if ($2 > most[name]) most[name] = $2
      if (!(name in least) || $2 < least[name]) least[name] = $2 }
    function part(a, b) { return b > 0 ? a / b : 0 }
    END {
      n = split("offered answered_200 answered_503 in_line shed", names, " ")
      for (i = 1; i <= n; ++i)
        printf "bulk_%s_per_second %.0f\n", names[i],
               part(sum["bulk_" names[i]], sum["bulk_seconds"])
      printf "bulk_unsent_percent %.1f\n", part(100 * sum["bulk_in_line"], sum["bulk_offered"])
      printf "alert_p99_least_ms %.3f\nalert_p99_most_ms %.3f\n",
             least["probe_alert_p99_us"] / 1e3, most["probe_alert_p99_us"] / 1e3
      n = split("sent seen missing doubled answered_200 answered_503 unanswered", names, " ")
      for (i = 1; i <= n; ++i) printf "alerts_%s %d\n", names[i], sum["probe_" names[i]]
      n = split("late to_sluice to_redis to_reader", names, " ")
      for (i = 1; i <= n; ++i)
        printf "%s_p99_ms %.3f\n", names[i], most["probe_" names[i] "_p99_us"] / 1e3
      n = split("sluice_cores redis_cores bulk_cores probe_cores sluice_waits redis_waits", names, " ")
      for (i = 1; i <= n; ++i) printf "%s %.2f\n", names[i], sum[names[i]] / rounds
    }' "$work/$1".*.{bulk,probe,sluice,redis}
}

# row NUMBER FORMAT NAME...: a situation's name and numbers of its summary; "-" for what is 0.
row() {
  local file=$work/$1.summary format=$2
  printf '%-24s' "${situations[$1]%%|*}"
  shift 2
  awk -v format="$format" -v names="$*" '
    { value[$1] = $2 }
    END {
      n = split(names, name, " ")
      m = split(format, digits, " ")
      for (i = 1; i <= n; ++i)
        if (value[name[i]] == 0) printf "%8s", "-"
        else printf "%8." digits[i] "f", value[name[i]]
      print ""
    }' "$file"
}

# heads WORD...: above the columns of rows.
heads() {
  printf '%-24s' ''
  printf '%8s' "$@"
  echo
}

print_tables() {
  local i
  echo "sluice $version: $workers worker(s), $(nproc) cores, $rounds round(s) of $seconds s each," \
    "$rate alerts/s"
  echo "capacity: ${capacity[1]} requests/s of 1 reading, ${capacity[100]} of 100 readings"
  echo
  heads 'alert ms' '' '' '' '' '' bulk/s '' '' bulk
  heads p50 p99 '(least' 'most)' p99.9 max offered 200 503 'p99 ms'
  for i in "${!situations[@]}"; do
    row "$i" '2 2 2 2 2 2 0 0 0 1' alert_{p50,p99,p99_least,p99_most,p999,max}_ms \
      bulk_{offered,answered_200,answered_503}_per_second bulk_p99_ms
  done
  echo
  heads 'p99 ms' to to to cores '' '' waits '' answers ''
  heads late sluice redis reader sluice redis bulk sluice redis 200 503
  for i in "${!situations[@]}"; do
    row "$i" '2 2 2 2 2 2 2 2 2 0 0' {late,to_sluice,to_redis,to_reader}_p99_ms \
      {sluice,redis,bulk}_cores {sluice,redis}_waits alerts_{answered_200,answered_503}
  done
  echo
  echo "All $alerts_sent alerts were seen, each once."
  print_doubts
}

# What a row is not, though its name says so.
print_doubts() {
  local i
  for i in "${!situations[@]}"; do
    awk -v name="${situations[$i]%%|*}" -v percent="${situations[$i]##*|}" '
      { value[$1] = $2 }
      END {
        if (percent > 100 && value["bulk_answered_503_per_second"] == 0)
          print name ": sluice shed nothing; what it did not take in time (" \
                value["bulk_unsent_percent"] "% was never sent) waited at the sender"
        if (percent <= 100 && value["bulk_answered_503_per_second"] > 0)
          print name ": bulk was shed though this is no overload"
      }' "$work/$i.summary"
  done
}

print_json() {
  local i
  printf '{"version":"%s","workers":%d,"cores":%d,"rounds":%d,"seconds":%d,' "$version" \
    "$workers" "$(nproc)" "$rounds" "$seconds"
  printf '"connections":%d,"alerts_per_second":%d,"capacity":{"1":%d,"100":%d},"situations":[' \
    "$connections" "$rate" "${capacity[1]}" "${capacity[100]}"
  for i in "${!situations[@]}"; do
    if ((i > 0)); then printf ','; fi
    printf '{"name":"%s"' "${situations[$i]%%|*}"
    awk '{ printf ",\"%s\":%s", $1, $2 }' "$work/$i.summary"
    printf '}'
  done
  printf ']}\n'
}

start_servers
server=defaults
choose "$server"
# Not counted: connections, pools and Redis's memory are there for the first round that is.
measure_capacity 1 1
for readings in 1 100; do measure_capacity "$readings" 2; done
for ((round = 1; round <= rounds; ++round)); do
  for i in "${!situations[@]}"; do run "$i" "$round"; done
done
progress ''
length=$(redis XLEN alerts)
((length == alerts_sent)) || fail "the alert stream has $length entries for $alerts_sent alerts"
for i in "${!situations[@]}"; do summarize "$i" >"$work/$i.summary"; done
if $json; then print_json; else print_tables; fi
