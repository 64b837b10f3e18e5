#!/usr/bin/env bash
# Do the peers do the same work as sluice? Starts each with a Redis of its own, posts the same good
# and bad records to it, and compares the status codes and the entries of the streams.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

usage() {
  cat <<'USAGE'
usage: perf/peers/check.sh [--build DIR] [--workers N] [NAME...]

  --build DIR  where sluice is, and peers/ with what build.sh made (build)
  --workers N  of each (1)
  NAME         a folder of perf/peers, or sluice (all; sluice where it is built)
USAGE
}

me=check.sh build=$root/build workers=1 names=()
# shellcheck source=perf/servers.sh
source "$root/perf/servers.sh"

while (($#)); do
  case $1 in
    --help | -h) usage && exit 0 ;;
    --build | --workers)
      [[ -n ${2-} ]] || fail "$1 needs a value"
      printf -v "${1#--}" %s "$2" && shift ;;
    -*) usage >&2 && exit 2 ;;
    *) names+=("$1") ;;
  esac
  shift
done
build=$(cd "$build" 2>/dev/null && pwd) || fail "there is no such build directory"
export SLUICE_PEERS_BUILD=$build/peers
if ((${#names[@]} == 0)); then
  names=(nginx nginx_lua go_request go_buffered node)
  [[ ! -x $build/sluice ]] || names=(sluice "${names[@]}")
fi

free_port() {
  /usr/bin/python3 -c \
    'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# vital I: the body of a reading, in numbers that every language writes as they were sent.
vital() {
  printf '{"device_id":"dev-%d","timestamp":%d,"heart_rate":%d.5,"blood_oxygen":98}' \
    "$1" $((1767225600000 + $1)) $((60 + $1))
}

answer() {
  printf '{"patient_id":"p-1","question_id":"q-%d","answer":%d,' "$1" $(($1 - 3))
  printf '"submit_time":"2026-01-01T00:00:%02dZ"}' "$1"
}

# several WHAT FROM TO: an array.
several() {
  local i text=''
  for ((i = $2; i <= $3; ++i)); do text+=${text:+,}$("$1" "$i"); done
  printf '[%s]' "$text"
}

# post PATH BODY: prints the status and the answer.
post() {
  curl -sS -m 10 -w '\n%{http_code}' -H 'Content-Type: application/json' -d "$2" \
    "http://$address$1" | awk 'NR == 1 { body = $0 } { last = $0 } END { print last, body }'
}

answers_200() { [[ $(post /v1/vitals "$(vital 0)") == 200* ]]; }

# pipelined COUNT FROM: sends that many readings at once over one connection, asking for its end
# with the last; prints how many were answered 200.
pipelined() {
  local i body requests='' close=''
  for ((i = $2; i < $2 + $1; ++i)); do
    body=$(vital "$i")
    ((i + 1 < $2 + $1)) || close=$'Connection: close\r\n'
    requests+="POST /v1/vitals HTTP/1.1"$'\r\n'"Host: peer"$'\r\n'"Content-Type: application/json"
    requests+=$'\r\n'"${close}Content-Length: ${#body}"$'\r\n\r\n'$body
  done
  exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
  printf '%s' "$requests" >&3
  timeout 10 cat <&3 | grep -ao 'HTTP/1.1 200' | wc -l
  exec 3>&-
}

# A line an entry: its fields and values. In no order, since a peer's workers may overtake.
entries() {
  redis EVAL "local lines = {}
    for i, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do
      lines[i] = table.concat(entry[2], ' ')
    end
    return lines" 1 "$1" | sed '/^$/d' | sort
}

has_entries() { (($(redis XLEN "$1") == $2)); }

expected_vitals() {
  local i
  for ((i = 1; i <= 20; ++i)); do
    printf 'device_id dev-%d timestamp %d heart_rate %d.5 blood_oxygen 98\n' \
      "$i" $((1767225600000 + i)) $((60 + i))
  done | sort
}

expected_questionnaires() {
  local i
  for ((i = 1; i <= 20; ++i)); do
    printf 'patient_id p-1 question_id q-%d answer %d submit_time 2026-01-01T00:00:%02dZ\n' \
      "$i" $((i - 3)) "$i"
  done | sort
}

# expect WHAT WANTED GOT: notes a difference.
expect() {
  [[ $2 == "$3" ]] || differences+=("$1: expected $2, got $3")
}

# expect_entries STREAM: of differing ones only the first is noted.
expect_entries() {
  local difference
  difference=$(diff <("expected_$1") <(entries "$1") | grep -m 1 '^[<>]') || return 0
  differences+=("$1, < expected, > got: $difference")
}

# Sets pid and address. The entry that the first 200 stood for is deleted.
start() {
  redis FLUSHALL >/dev/null
  if [[ $1 == sluice ]]; then
    start_sluice sluice "$workers"
    pid=$sluice_pid address=$sluice_at
  else
    [[ -x $root/perf/peers/$1/run ]] || fail "there is no peer '$1'"
    address=127.0.0.1:$(free_port)
    "$root/perf/peers/$1/run" "$address" "$work/redis.sock" "$workers" >"$work/$1.log" 2>&1 &
    pid=$!
    pids+=("$pid")
  fi
  await "$1" "$pid" answers_200
  [[ $1 == nginx ]] || await "$1" "$pid" has_entries vitals 1
  redis FLUSHALL >/dev/null
}

post_good() {
  expect 'a reading' '200 {"success":true,"accepted":1}' "$(post /v1/vitals "$(vital 1)")"
  expect '16 pipelined readings' 16 "$(pipelined 16 5)"
  [[ $1 != nginx ]] || return 0
  expect 'three readings' '200 {"success":true,"accepted":3}' \
    "$(post /v1/vitals "$(several vital 2 4)")"
  expect '20 answers' '200 {"success":true,"accepted":20}' \
    "$(post /v1/questionnaires "$(several answer 1 20)")"
}

post_bad() {
  local body
  for body in '{"timestamp":1,"heart_rate":72}' '{"device_id":"a","heart_rate":72}' \
    '{"device_id":"","timestamp":1,"heart_rate":72}' '{"device_id":"a","timestamp":1}' \
    '{"device_id":"a","timestamp":1,"heart_rate":350.5}' '{"device_id":7,"timestamp":1}' \
    '{"device_id":"a","timestamp":1,"blood_oxygen":-1}' '{"device_id":' '[]' \
    "[$(vital 1),{}]" "[$(vital 1),{\"device_id\":\"a\",\"timestamp\":1,\"heart_rate\":999}]"; do
    expect "$body" 400 "$(post /v1/vitals "$body" | cut -c 1-3)"
  done
  body=$(answer 1)
  for body in "${body/2026/last year}" "${body/-2/1.5}" "${body/-2/3000000000}" "[$body,{}]"; do
    expect "$body" 400 "$(post /v1/questionnaires "$body" | cut -c 1-3)"
  done
}

has_ended() { ! kill -0 "$pid" 2>/dev/null; }

# soon COMMAND...: until it succeeds; fails after 10 s.
soon() {
  local deadline=$((SECONDS + 10))
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.05
  done
}

# SIGTERM, with a reading that was answered just before: it must be stored all the same.
stop() {
  answers_200 || differences+=("the last reading was not answered 200")
  kill "$pid"
  soon has_ended || differences+=("still there 10 s after SIGTERM")
}

check() {
  local name=$1 vitals=0
  differences=()
  progress "check.sh: $name"
  start "$name"
  post_good "$name"
  if [[ $name != nginx ]]; then
    vitals=20
    post_bad
    soon has_entries vitals 20 || true # what is there is compared below
    expect_entries vitals
    expect_entries questionnaires
    vitals=21
  fi
  stop
  expect 'length of vitals in the end' "$vitals" "$(redis XLEN vitals)"
  progress ''
  if ((${#differences[@]} == 0)); then
    echo "$name: the same"
  else
    printf "$name: %s\n" "${differences[@]}"
    failed=true
  fi
}

failed=false
start_redis
for name in "${names[@]}"; do check "$name"; done
! $failed
