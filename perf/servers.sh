# What the measuring scripts share: servers of their own that are stopped by pid, and how to ask
# them. Sourced; the script sets `me` (its name) and `build` (where the programs are) before.
# shellcheck shell=bash disable=SC2034,SC2154 # names that the script sets or uses

# What is being done, on a terminal; nothing takes it away again.
progress() {
  if [[ -t 2 ]]; then printf '\r\033[K%s' "$*" >&2; fi
}

fail() {
  progress ''
  echo "$me: $*" >&2
  exit 1
}

# need_programs PROGRAM...: of the build, and of the system.
need_programs() {
  local program
  build=$(cd "$build" 2>/dev/null && pwd) || fail "there is no such build directory"
  for program in "$@"; do
    [[ -x $build/$program ]] || fail "$build/$program is missing; 'make bench' builds it"
  done
  for program in wrk redis-server redis-cli curl; do
    command -v "$program" >/dev/null || fail "$program is missing; 'make deps' installs it"
  done
}

ticks_a_second=$(getconf CLK_TCK)
work=$(mktemp -d)
pids=()

# Only what this script started is stopped, by its pid, newest first.
clean_up() {
  local i
  for ((i = ${#pids[@]} - 1; i >= 0; --i)); do
    kill "${pids[i]}" 2>/dev/null || true
    wait "${pids[i]}" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# await WHAT PID COMMAND...: until COMMAND succeeds; fails if the process ends or 10 s pass.
await() {
  local what=$1 pid=$2 deadline=$((SECONDS + 10))
  shift 2
  until "$@" >/dev/null 2>&1; do
    kill -0 "$pid" 2>/dev/null || fail "$what ended: $(tail -n 3 "$work/$what.log")"
    ((SECONDS < deadline)) || fail "$what was not ready within 10 s: $(tail -n 3 "$work/$what.log")"
    sleep 0.05
  done
}

redis() { redis-cli -s "$work/redis.sock" "$@"; }

# Sum of all series of a metric whose labels match a pattern.
metric() {
  curl -sSf "http://$admin/metrics" |
    awk -v name="$1" -v labels="${2-}" '
      { split($1, part, "{") }
      part[1] == name && $1 ~ labels { sum += $2 }
      END { printf "%.0f\n", sum }'
}

nothing_in_flight() { [[ $(metric sluice_inflight_bytes) == 0 ]]; }

# Sets redis_pid.
start_redis() {
  redis-server --port 0 --unixsocket "$work/redis.sock" --dir "$work" --save "" --appendonly no \
    --daemonize no >"$work/redis.log" 2>&1 &
  redis_pid=$!
  pids+=("$redis_pid")
  await redis "$redis_pid" test -S "$work/redis.sock"
}

# start_sluice NAME WORKERS [VARIABLE=VALUE...]: its log is NAME.log. Sets sluice_pid, sluice_at,
# admin and version.
start_sluice() {
  local name=$1 workers=$2 variable
  shift 2
  # Its own directory and no settings from outside: what is measured are the defaults.
  (
    cd "$work" || exit
    while read -r variable; do unset "$variable"; done < <(compgen -e SLUICE_ || true)
    exec env "$@" "$build/sluice" --listen 127.0.0.1:0 --admin 127.0.0.1:0 \
      --redis "unix://$work/redis.sock" --workers "$workers"
  ) >"$work/$name.log" 2>&1 &
  sluice_pid=$!
  pids+=("$sluice_pid")
  await "$name" "$sluice_pid" grep -q 'listening on' "$work/$name.log"
  version=$(sed -n 's/^sluice \([^:]*\): listening on.*/\1/p' "$work/$name.log" | head -n 1)
  sluice_at=$(sed -n 's/.*listening on \([0-9.:]*\),.*/\1/p' "$work/$name.log" | head -n 1)
  admin=$(sed -n 's/.*admin on \([0-9.:]*\),.*/\1/p' "$work/$name.log" | head -n 1)
  await "$name" "$sluice_pid" curl -sSf "http://$admin/readyz"
}

# User and system ticks of a process. Its name is in brackets and may hold blanks.
cpu_ticks() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }
