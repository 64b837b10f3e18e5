# What the peers made of nginx share. Sourced by their `run`.
# shellcheck shell=bash

# run_nginx FOLDER LISTEN REDIS_SOCKET WORKERS: becomes nginx with FOLDER/nginx.conf, where @LISTEN@,
# @REDIS@, @WORKERS@ and @FOLDER@ are filled in. Its prefix, with the configuration as it runs and
# the folders that nginx insists on, is in the build directory, one for each address.
run_nginx() {
  local folder=$1 listen=$2 redis=$3 workers=$4 prefix text
  prefix=${SLUICE_PEERS_BUILD:?names the directory of built things}/${folder##*/}/${listen##*:}
  mkdir -p "$prefix"
  text=$(<"$folder/nginx.conf")
  text=${text//@LISTEN@/$listen} text=${text//@REDIS@/$redis}
  text=${text//@WORKERS@/$workers} text=${text//@FOLDER@/$folder}
  # Workers of a master that is root would become another user, who may not open Redis's socket;
  # the master of any other user would complain about the line.
  if ((EUID == 0)); then text="user root root;"$'\n'$text; fi
  printf '%s\n' "$text" >"$prefix/nginx.conf"
  ulimit -n "$(ulimit -H -n)"
  exec nginx -e stderr -p "$prefix" -c nginx.conf
}
