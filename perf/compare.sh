#!/usr/bin/env bash
# Measures sluice beside the floor (perf/floor) in one run: the two take turns, so that what the
# machine does meanwhile falls on both. See perf/README.md for what the numbers mean.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
  cat <<'USAGE'
usage: perf/compare.sh [--json] [--rounds N] [--seconds N] [--connections N] [--script NAME]
                       [--build DIR]

  --json           one JSON object instead of the table
  --rounds N       rounds of each server (5)
  --seconds N      seconds a round (5)
  --connections N  keep-alive connections of wrk's one thread (64)
  --script NAME    perf/wrk/NAME.lua: vitals, vitals_batch or vitals_pipelined (vitals)
  --build DIR      where sluice and floor are (build)
USAGE
}

me=compare build=$root/build
# shellcheck source=perf/servers.sh
source "$root/perf/servers.sh"

json=false rounds=5 seconds=5 connections=64 script=vitals
while (($#)); do
  case $1 in
    --json) json=true ;;
    --help | -h) usage && exit 0 ;;
    --rounds | --seconds | --connections)
      [[ ${2-} =~ ^[1-9][0-9]*$ ]] || fail "$1 needs a number above 0"
      printf -v "${1#--}" %s "$2" && shift ;;
    --script | --build)
      [[ -n ${2-} ]] || fail "$1 needs a value"
      printf -v "${1#--}" %s "$2" && shift ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done

lua=$root/perf/wrk/$script.lua
case $script in
  vitals) records_a_write=1 ;;
  vitals_batch) records_a_write=100 ;;
  vitals_pipelined) records_a_write=16 ;;
  *) fail "there is no script '$script'" ;;
esac
need_programs floor sluice

start_servers() {
  start_redis
  "$build/floor" 0 >"$work/floor.log" 2>&1 &
  floor_pid=$!
  pids+=("$floor_pid")
  await floor "$floor_pid" grep -q 'listening on' "$work/floor.log"
  floor_at=$(sed -n 's/.*listening on \([0-9.:]*\).*/\1/p' "$work/floor.log")
  start_sluice sluice 1
}

# load NAME PID ADDRESS SECONDS: one run of wrk; sets rate, requests, records, refused, cpu_us,
# redis_us, cores and wrk_cores.
load() {
  local name=$1 pid=$2 address=$3 duration=$4 before redis_before ticks redis_ticks errors
  local TIMEFORMAT='%U %S'
  before=$(cpu_ticks "$pid") redis_before=$(cpu_ticks "$redis_pid")
  { time wrk -t1 -c"$connections" -d"${duration}s" -s "$lua" "http://$address" \
    >"$work/wrk.out" 2>"$work/wrk.err"; } 2>"$work/wrk.cpu" || fail "wrk: $(cat "$work/wrk.err")"
  ticks=$(($(cpu_ticks "$pid") - before))
  redis_ticks=$(($(cpu_ticks "$redis_pid") - redis_before))

  errors=$(sed -n 's/^ *Socket errors: //p' "$work/wrk.out")
  [[ -z $errors ]] || fail "wrk against $name had socket errors: $errors"
  rate=$(awk '/^Requests\/sec:/ { print $2 }' "$work/wrk.out")
  requests=$(awk '/ requests in / { print $1 }' "$work/wrk.out")
  records=$(awk '/^records:/ { print $2 }' "$work/wrk.out")
  refused=$(awk '/^non-2xx:/ { print $2 }' "$work/wrk.out")
  ((requests > 0)) || fail "$name answered nothing: $(cat "$work/wrk.out")"
  read -r cpu_us redis_us cores wrk_cores < <(awk -v t="$ticks" -v r="$redis_ticks" \
    -v hz="$ticks_a_second" -v n="$requests" -v s="$duration" '
      { printf "%.3f %.3f %.2f %.2f\n", t / hz * 1e6 / n, r / hz * 1e6 / n, t / hz / s,
               ($1 + $2) / s }' "$work/wrk.cpu")
}

# Every record that sluice calls stored is one entry, and none that wrk saw acknowledged is missing.
# wrk hangs up with requests under way: those may be stored without its having read the answer.
check_stream() {
  local stored_before=$1 acknowledged=$2 stored length
  await sluice "$sluice_pid" nothing_in_flight
  stored=$(($(metric sluice_records_total stored) - stored_before))
  length=$(redis XLEN vitals)
  ((length == stored)) || fail "the stream has $length entries, sluice calls $stored stored"
  ((length >= acknowledged && length <= acknowledged + connections * records_a_write)) ||
    fail "the stream has $length entries, wrk read acknowledgements for $acknowledged"
  entries=$((entries + length)) acknowledged_total=$((acknowledged_total + acknowledged))
  redis DEL vitals >/dev/null # here, and not beside the next round
}

declare -a floor_rate floor_cpu floor_cores sluice_rate sluice_cpu sluice_cores redis_cpu
declare -a rate_ratio cpu_ratio floor_wrk sluice_wrk
floor_refused=0 sluice_refused=0 entries=0 acknowledged_total=0

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f\n", (b > 0 ? a / b : 0) }'; }

one_round() {
  local stored
  load floor "$floor_pid" "$floor_at" "$1"
  floor_rate+=("$rate") floor_cpu+=("$cpu_us") floor_cores+=("$cores") floor_wrk+=("$wrk_cores")
  floor_refused=$((floor_refused + refused))
  stored=$(metric sluice_records_total stored)
  load sluice "$sluice_pid" "$sluice_at" "$1"
  sluice_rate+=("$rate") sluice_cpu+=("$cpu_us") sluice_cores+=("$cores") redis_cpu+=("$redis_us")
  sluice_wrk+=("$wrk_cores") sluice_refused=$((sluice_refused + refused))
  rate_ratio+=("$(ratio "$rate" "${floor_rate[-1]}")")
  cpu_ratio+=("$(ratio "$cpu_us" "${floor_cpu[-1]}")")
  check_stream "$stored" "$records"
}

# stats FORMAT VALUES...: median, min and max, each printed with FORMAT.
stats() {
  local format=$1
  shift
  printf '%s\n' "$@" | sort -g | awk -v f="$format" '
    { v[NR] = $1 }
    END { m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
          printf f " " f " " f "\n", m, v[1], v[NR] }'
}

# A row of the table: three groups (floor, sluice, ratio) of median, min and max; "-" for none.
row() {
  local name=$1
  shift
  # shellcheck disable=SC2086 # each group is three words
  printf '%-18s  %8s %8s %8s  %8s %8s %8s  %7s %6s %6s\n' "$name" $1 $2 $3
}

print_table() {
  local none='- - -'
  echo "sluice $version, 1 worker, and the floor: $rounds rounds of $seconds s each," \
    "$connections connections, $script.lua, $(nproc) cores"
  echo
  printf '%-18s  %-26s  %-26s  %s\n' '' floor sluice 'sluice / floor'
  row '' 'median min max' 'median min max' 'median min max'
  row 'requests/s' "$(stats %.0f "${floor_rate[@]}")" "$(stats %.0f "${sluice_rate[@]}")" \
    "$(stats %.2f "${rate_ratio[@]}")"
  row 'server us/request' "$(stats %.2f "${floor_cpu[@]}")" "$(stats %.2f "${sluice_cpu[@]}")" \
    "$(stats %.2f "${cpu_ratio[@]}")"
  row 'redis us/request' "$none" "$(stats %.2f "${redis_cpu[@]}")" "$none"
  row 'server cores' "$(stats %.2f "${floor_cores[@]}")" "$(stats %.2f "${sluice_cores[@]}")" \
    "$none"
  row 'wrk cores' "$(stats %.2f "${floor_wrk[@]}")" "$(stats %.2f "${sluice_wrk[@]}")" "$none"
  row 'non-2xx' "$floor_refused - -" "$sluice_refused - -" "$none"
  echo
  echo "The stream got $entries entries, as many as sluice calls stored;" \
    "wrk read acknowledgements for $acknowledged_total."
}

# "name":{"median":..,"min":..,"max":..}
member() {
  local name=$1 median min max
  shift
  read -r median min max < <(stats %.3f "$@")
  printf '"%s":{"median":%s,"min":%s,"max":%s}' "$name" "$median" "$min" "$max"
}

print_json() {
  printf '{"version":"%s","rounds":%d,"seconds":%d,"connections":%d,"script":"%s","cores":%d,' \
    "$version" "$rounds" "$seconds" "$connections" "$script" "$(nproc)"
  printf '"floor":{%s,%s,%s,%s,"non_2xx":%d},' \
    "$(member requests_per_second "${floor_rate[@]}")" \
    "$(member server_us_per_request "${floor_cpu[@]}")" \
    "$(member server_cores "${floor_cores[@]}")" "$(member wrk_cores "${floor_wrk[@]}")" \
    "$floor_refused"
  printf '"sluice":{%s,%s,%s,%s,%s,"non_2xx":%d,"entries":%d,"acknowledged":%d},' \
    "$(member requests_per_second "${sluice_rate[@]}")" \
    "$(member server_us_per_request "${sluice_cpu[@]}")" \
    "$(member redis_us_per_request "${redis_cpu[@]}")" \
    "$(member server_cores "${sluice_cores[@]}")" "$(member wrk_cores "${sluice_wrk[@]}")" \
    "$sluice_refused" "$entries" "$acknowledged_total"
  printf '"ratio":{%s,%s}}\n' "$(member requests_per_second "${rate_ratio[@]}")" \
    "$(member server_us_per_request "${cpu_ratio[@]}")"
}

start_servers
# Not counted: connections, pools and Redis's memory are there for the first round that is.
load floor "$floor_pid" "$floor_at" 1
stored=$(metric sluice_records_total stored)
load sluice "$sluice_pid" "$sluice_at" 1
check_stream "$stored" "$records"
entries=0 acknowledged_total=0
for ((i = 0; i < rounds; ++i)); do one_round "$seconds"; done
if $json; then print_json; else print_table; fi
((floor_refused + sluice_refused == 0)) || fail "there were answers other than 2xx"
