#!/bin/sh
# run.sh [--merge] <fuzzer>: from the tree's top, for SLUICE_FUZZ_SECONDS (20). Reads the committed
# corpus and what earlier runs found; new finds go to build/fuzz/<noun>/, what libFuzzer said to
# build/fuzz/<noun>.log, and an input that failed beside it. With --merge: what those finds reach
# and the committed corpus does not is added to the latter.
set -u
cd "$(dirname "$0")/../.."

merging=no
[ "$1" != --merge ] || { merging=yes; shift; }
fuzzer=$1
noun=$(basename "$fuzzer" _fuzz)
committed=tests/fuzz/corpus/$noun
found=build/fuzz/$noun
log=$found.log
mkdir -p "$found"
symbolizer=$(command -v llvm-symbolizer-14) && export "ASAN_SYMBOLIZER_PATH=$symbolizer"

# An input of 4 KiB has all of a request, a file or a record in it, and is fast.
set -- -max_len=4096 -timeout=10 -rss_limit_mb=1024
[ ! -e "tests/fuzz/$noun.dict" ] || set -- "$@" "-dict=tests/fuzz/$noun.dict"
if [ "$merging" = yes ]; then
  exec "$fuzzer" "$@" -merge=1 "$committed" "$found"
fi
# What failed before is mended first.
for failed in "$found".crash-* "$found".leak-* "$found".oom-* "$found".timeout-*; do
  [ -e "$failed" ] || continue
  "$fuzzer" "$@" "$failed" >"$log" 2>&1 || { tail -n 60 "$log"; echo "$noun: still fails on $failed"; exit 1; }
  rm "$failed"
done
"$fuzzer" "$@" "-max_total_time=${SLUICE_FUZZ_SECONDS:-20}" "-artifact_prefix=$found." \
  -print_final_stats=1 "$found" "$committed" >"$log" 2>&1
status=$?
if [ "$status" != 0 ]; then
  tail -n 60 "$log"
  failed=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
  echo "$noun: failed on ${failed:-an input that was not kept; see $log}"
  [ -z "$failed" ] || echo "again: setarch -R $fuzzer $failed"
  exit "$status"
fi
awk -v noun="$noun" '
  / (cov|ft): / {
    for (i = 1; i < NF; ++i) {
      if ($i == "cov:") cov = $(i + 1)
      if ($i == "ft:") ft = $(i + 1)
      if ($i == "corp:") corpus = $(i + 1)
    }
  }
  /stat::number_of_executed_units/ { executions = $2 }
  /stat::average_exec_per_sec/ { rate = $2 }
  END {
    printf "%s: %d executions, %d a second, cov %d, ft %d, corpus %s\n",
      noun, executions, rate, cov, ft, corpus
  }' "$log" | tee -a "$log"
