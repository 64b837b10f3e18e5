#!/usr/bin/env bash
# What `make run` does: a private redis-server on a unix socket under build/run/, and sluice with
# deploy/sluice.toml before it, until Ctrl-C or SIGTERM. No other Redis is looked for or touched.
# Arguments go to sluice, e.g. deploy/run.sh --listen 127.0.0.1:9000
# shellcheck disable=SC2317 # functions that traps and await call
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
sluice=$root/build/sluice
run_dir=$root/build/run
socket=$run_dir/redis.sock
socket_path_max=107 # sun_path of unix(7), less its closing zero
start_seconds_max=30 # Redis may have a long append-only file to load

fail() {
  echo "run: $*" >&2
  exit 1
}

[[ -x $sluice ]] || fail "build/sluice is missing: 'make build' makes it"
for program in redis-server redis-cli curl flock setsid; do
  command -v "$program" >/dev/null || fail "$program is missing: 'make deps' installs it"
done

mkdir -p "$run_dir"
# Both servers inherit the lock, so that it is held while any of them lives, even if this script was
# killed and left them behind.
exec 9>>"$run_dir/lock"
if ! flock -n 9; then
  fail "build/run is in use by an earlier run (redis-server, then sluice):" \
    "process $(tr '\n' ' ' 2>/dev/null <"$run_dir/pids"); stop that one first"
fi

socket_dir=
if ((${#socket} > socket_path_max)); then
  socket_dir=$(mktemp -d /tmp/sluice-run.XXXXXX)
  socket=$socket_dir/redis.sock
fi

redis_pid='' sluice_pid=''

alive() { [[ -n $1 ]] && kill -0 "$1" 2>/dev/null; }

# Asks a server to stop, waits until it has, and returns its exit code.
stop() {
  local pid=$1
  kill -TERM "$pid" 2>/dev/null || true
  wait "$pid"
}

# Runs once, however this script ends: sluice first, since it settles its records with Redis.
clean_up() {
  local status=$? sluice_status=0
  trap - EXIT
  trap '' INT TERM
  if [[ -n $sluice_pid ]]; then
    if alive "$sluice_pid"; then printf '\nstopping sluice, then redis-server\n'; fi
    stop "$sluice_pid" || sluice_status=$?
    tail -n +2 "$run_dir/sluice.out" # all but the line that says where it listens: its ledger
    ((status != 0)) || status=$sluice_status
  fi
  if [[ -n $redis_pid ]]; then stop "$redis_pid" || true; fi
  rm -f "$socket" "$run_dir/pids" "$run_dir/redis.url"
  [[ -z $socket_dir ]] || rmdir "$socket_dir"
  exit "$status"
}
trap clean_up EXIT
trap 'exit 0' INT TERM

# await WHAT PID COMMAND...: until COMMAND succeeds; fails when the process ends or time is up.
await() {
  local what=$1 pid=$2 deadline=$((SECONDS + start_seconds_max))
  shift 2
  until "$@" >/dev/null 2>&1; do
    alive "$pid" || fail "$what ended while it started"
    ((SECONDS < deadline)) || fail "$what was not ready within $start_seconds_max s"
    sleep 0.05
  done
}

# Each in a session of its own: Ctrl-C is for this script, which stops them in order.
rm -f "$socket"
setsid redis-server --port 0 --unixsocket "$socket" --unixsocketperm 700 --dir "$run_dir" \
  --pidfile "$run_dir/redis.pid" --daemonize no --save '' --appendonly yes --appendfsync everysec \
  >"$run_dir/redis.log" 2>&1 &
redis_pid=$!
echo "$redis_pid" >"$run_dir/pids"
redis_ready() { [[ $(redis-cli -s "$socket" ping) == PONG ]]; }
await "redis-server (see build/run/redis.log)" "$redis_pid" redis_ready
echo "unix://$socket" >"$run_dir/redis.url" # for deploy/archive.sh

setsid "$sluice" --config "$root/deploy/sluice.toml" --redis "unix://$socket" "$@" \
  >"$run_dir/sluice.out" &
sluice_pid=$!
echo "$sluice_pid" >>"$run_dir/pids"
await sluice "$sluice_pid" grep -q 'listening on' "$run_dir/sluice.out"

# "sluice 0.1.0: listening on ADDRESS, admin on ADDRESS, N workers"; a wildcard is no destination.
address() { sed -n "s/.*$1 on \([^ ,]*\),.*/\1/p" "$run_dir/sluice.out" | head -n 1 |
  sed -e 's/^0\.0\.0\.0:/127.0.0.1:/' -e 's/^\[::\]:/[::1]:/'; }
data=$(address listening)
admin=$(address admin)
await sluice "$sluice_pid" curl -gsSf "http://$admin/readyz"

now_ms=$(date +%s)000
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
head -n 1 "$run_dir/sluice.out"
cat <<TEXT

Post a reading and an answer:

  curl -g http://$data/v1/vitals -H 'Content-Type: application/json' \\
    -d '{"device_id":"dev-1","timestamp":$now_ms,"heart_rate":72,"blood_oxygen":98}'
  curl -g http://$data/v1/questionnaires -H 'Content-Type: application/json' \\
    -d '{"patient_id":"p-1","question_id":"q-1","answer":3,"submit_time":"$now"}'

See them in Redis:    redis-cli -s $socket XRANGE vitals - +
                      redis-cli -s $socket XRANGE questionnaires - +
Metrics:              curl -g http://$admin/metrics
Move them to SQLite:  make archive, in another terminal

Ctrl-C stops both.
TEXT

# Until a signal (the trap exits) or until one of the two ends by itself.
wait -n "$sluice_pid" "$redis_pid" || true
alive "$sluice_pid" || fail "sluice ended by itself"
fail "redis-server ended by itself: see build/run/redis.log"
