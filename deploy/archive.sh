#!/usr/bin/env bash
# What `make archive` does: beside a `make run` in another terminal, sluice-archive from that one's
# Redis into build/archive.db (SQLite), until Ctrl-C or SIGTERM; then the last rows, with the query
# that shows them. Arguments go to sluice-archive, e.g. deploy/archive.sh --once
# shellcheck disable=SC2317 # functions that traps call
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
archive=$root/build/sluice-archive
run_dir=$root/build/run # deploy/run.sh's; it holds the lock and says where its Redis is
database=$root/build/archive.db
query='SELECT * FROM vitals ORDER BY entry_id DESC LIMIT 5'

fail() {
  echo "archive: $*" >&2
  exit 1
}

[[ -x $archive ]] || fail "build/sluice-archive is missing: 'make archive' makes it"
command -v sqlite3 >/dev/null || fail "sqlite3 is missing: 'make deps' installs it"
if [[ ! -r $run_dir/redis.url ]] || flock -n "$run_dir/lock" true; then
  fail "no Redis to archive from: start 'make run' in another terminal first"
fi

cat <<TEXT
Archiving what is posted to the sluice of 'make run', which prints how to. Ctrl-C ends this.

TEXT

# In a session of its own: Ctrl-C is for this script, which passes it on, as often as it comes.
setsid "$archive" --config "$root/deploy/sluice.toml" --redis "$(<"$run_dir/redis.url")" \
  --database "sqlite://$database" "$@" &
archive_pid=$!
signals=0
pass_on() {
  signals=$((signals + 1))
  kill -TERM "$archive_pid" 2>/dev/null || true
}
trap pass_on INT TERM
# A signal ends `wait`, not the archive.
status=0 seen=-1
while ((seen != signals)); do
  seen=$signals status=0
  wait "$archive_pid" || status=$?
done

printf '\nsqlite3 -header -column %s "%s"\n' "$database" "$query"
sqlite3 -header -column "$database" "$query" || true # no table: it has never reached Redis
exit "$status"
